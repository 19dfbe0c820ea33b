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
  const sorted: Record<string, unknown> = {};
  for (const key of Object.keys(source).sort()) sorted[key] = sortKeys(source[key]);
  return sorted;
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
  for (const key in left) if (!sameJson(left[key], right[key])) return false;
  for (const key in right) if (right[key] !== undefined && left[key] === undefined) return false;
  return true;
}
