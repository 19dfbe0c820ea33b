/**
 * Sets of fields as Kubernetes writes them in managedFields (FieldsV1): a tree whose elements are
 * `f:name`, `k:{"key":...}` and `v:value`. A leaf is in the set; an inner element is in it where it
 * holds a `.`. All operations make new trees.
 */

export interface Fields {
  readonly [element: string]: Fields;
}

export const NO_FIELDS: Fields = {};
const MEMBER = '.';

export function fieldElement(key: string): string {
  return `f:${key}`;
}

/** The element of an item of a keyed list. */
export function keyElement(item: unknown, keys: readonly string[]): string {
  const source = (item ?? {}) as Readonly<Record<string, unknown>>;
  const sorted = [...keys].sort().filter((key) => source[key] !== undefined);
  return `k:${JSON.stringify(Object.fromEntries(sorted.map((key) => [key, source[key]])))}`;
}

export function valueElement(value: unknown): string {
  return `v:${JSON.stringify(value)}`;
}

export function isEmpty(fields: Fields): boolean {
  for (const _ in fields) return false;
  return true;
}

/** Whether the element itself, not only something below it, is in the set. */
export function isMember(fields: Fields, element: string): boolean {
  const node = fields[element];
  return node !== undefined && (isEmpty(node) || node[MEMBER] !== undefined);
}

export function union(a: Fields, b: Fields): Fields {
  if (isEmpty(a)) return b;
  if (isEmpty(b)) return a;
  const merged: Record<string, Fields> = { ...a };
  for (const element in b) {
    const theirs = b[element] as Fields;
    const ours = a[element];
    merged[element] = ours === undefined ? theirs : unionNode(ours, theirs);
  }
  return merged;
}

function unionNode(a: Fields, b: Fields): Fields {
  if (isEmpty(a) && isEmpty(b)) return NO_FIELDS;
  const own = isEmpty(a) || isEmpty(b) ? { [MEMBER]: NO_FIELDS } : NO_FIELDS;
  return union(own, union(a, b));
}

/** What is in `a` and not in `b`, element by element: `x` in b does not take `x.y` from a. */
export function difference(a: Fields, b: Fields): Fields {
  const left: Record<string, Fields> = {};
  for (const element in a) {
    if (element === MEMBER) continue;
    const node = a[element] as Fields;
    const theirs = b[element];
    if (theirs === undefined) {
      left[element] = node;
      continue;
    }
    const below = difference(node, theirs);
    const stays = isMember(a, element) && !isMember(b, element);
    if (stays || !isEmpty(below)) left[element] = withMembership(below, stays);
  }
  return left;
}

/** What is in both. */
export function intersection(a: Fields, b: Fields): Fields {
  const both: Record<string, Fields> = {};
  for (const element in a) {
    const theirs = b[element];
    if (element === MEMBER || theirs === undefined) continue;
    const below = intersection(a[element] as Fields, theirs);
    const member = isMember(a, element) && isMember(b, element);
    if (member || !isEmpty(below)) both[element] = withMembership(below, member);
  }
  return both;
}

/** Without the named elements, and without the named ones below `f:metadata`. */
export function without(
  fields: Fields,
  top: readonly string[],
  metadata: readonly string[],
): Fields {
  const left = omit(fields, top);
  const inner = left['f:metadata'];
  if (inner === undefined) return left;
  const kept = omit(inner, metadata);
  return isEmpty(kept) ? omit(left, ['f:metadata']) : { ...left, 'f:metadata': kept };
}

function omit(fields: Fields, elements: readonly string[]): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(([element]) => !elements.includes(element)),
  );
}

/** Each member as a readable path, as in `.spec.template.containers[name="x"].image`. */
export function memberPaths(fields: Fields, prefix = ''): string[] {
  const paths: string[] = [];
  for (const element in fields) {
    if (element === MEMBER) continue;
    const path = prefix + readable(element);
    if (isMember(fields, element)) paths.push(path);
    paths.push(...memberPaths(fields[element] as Fields, path));
  }
  return paths;
}

function readable(element: string): string {
  const rest = element.slice(2);
  if (element.startsWith('f:')) return `.${rest}`;
  if (element.startsWith('v:')) return `[=${rest}]`;
  const keys = JSON.parse(rest) as Readonly<Record<string, unknown>>;
  const pairs = Object.entries(keys).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return `[${pairs.join(',')}]`;
}

export function withMembership(below: Fields, member: boolean): Fields {
  return member && !isEmpty(below) ? { [MEMBER]: NO_FIELDS, ...below } : below;
}
