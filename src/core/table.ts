/** Tables that are asked for names from outside: files, clusters, users. */

/** `constructor` is a name like any other, and not in it: an object literal would have it. */
export function safeTable<T>(rows: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.assign(Object.create(null) as Record<string, T>, rows);
}
