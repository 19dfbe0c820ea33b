/** JSON that is the same text for the same value, and values that are shared without fear. */

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/** JSON text with object keys in code-unit order; undefined members are left out. */
export function stableJson(value: unknown, indent?: number): string {
  return JSON.stringify(sortKeys(value), undefined, indent) ?? 'null';
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  const source = value as Record<string, unknown>;
  // Not by assignment: a member may be called __proto__.
  const members = Object.keys(source).sort();
  return Object.fromEntries(members.map((key) => [key, sortKeys(source[key])]));
}

/**
 * Freezes a value and all below it; subtrees already frozen are taken as deeply frozen. What the
 * value shares with `frozen`, an earlier state of it, is known to be so and not even looked at.
 */
export function deepFreeze<T>(value: T, frozen?: unknown): T {
  if (value === null || typeof value !== 'object' || Object.isFrozen(value)) return value;
  Object.freeze(value);
  if (Array.isArray(value)) {
    const old = Array.isArray(frozen) ? frozen : [];
    for (let i = 0; i < value.length; i++) freezeMember(value[i], old[i]);
    return value;
  }
  const old = frozen as Readonly<Record<string, unknown>> | null | undefined;
  for (const key in value) freezeMember(value[key], old?.[key]);
  return value;
}

function freezeMember(member: unknown, frozen: unknown): void {
  if (member !== frozen && typeof member === 'object') deepFreeze(member, frozen);
}

/**
 * A frozen copy of a value in as little memory as it takes, for what is kept; parts that are frozen
 * already are shared. An array that grew has room for 16 more, and up to V8 11 (Node 20) an object
 * spread from one that was not frozen has a hidden class of its own, which is larger than itself.
 */
export function compactCopy<T>(value: T): T {
  if (value === null || typeof value !== 'object' || Object.isFrozen(value)) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(compactCopy)) as T;
  const copy = plainCopy(value);
  for (const key in copy) {
    const member = copy[key];
    if (typeof member === 'object') copy[key] = compactCopy(member);
  }
  return Object.freeze(copy);
}

/** A spread would give it the hidden class that is to be left; assigning sets no `__proto__`. */
function plainCopy<T extends object>(value: T): T {
  return Object.hasOwn(value, '__proto__') ? { ...value } : Object.assign({}, value);
}

/** Deep equality of JSON-like values; an undefined member equals an absent one. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!sameJson(a[i], b[i])) return false;
    return true;
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key in left) if (!sameJson(left[key], ownMember(right, key))) return false;
  for (const key in right) {
    if (right[key] !== undefined && ownMember(left, key) === undefined) return false;
  }
  return true;
}

/** A label may be called `constructor`, which every object inherits. */
function ownMember(tree: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(tree, key) ? tree[key] : undefined;
}
