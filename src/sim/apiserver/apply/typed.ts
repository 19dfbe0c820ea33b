/**
 * Values under a schema: which fields they have, how two of them merge and differ. The rules are
 * those of structured-merge-diff: objects by key, keyed lists by their keys, sets by value, all
 * else as one value.
 */

import { sameJson } from '../../../core/json.ts';
import { isAtomic, type ListSchema, memberSchema, type Schema } from '../schema/schema.ts';
import {
  fieldElement,
  type Fields,
  isEmpty,
  isMember,
  keyElement,
  NO_FIELDS,
  union,
  valueElement,
  withMembership,
} from './fields.ts';

type Tree = Readonly<Record<string, unknown>>;

/** The fields that the value sets. */
export function collectFields(value: unknown, schema: Schema): Fields {
  if (isAtomic(schema, value)) return NO_FIELDS;
  const fields: Record<string, Fields> = {};
  if (Array.isArray(value)) {
    for (const item of value) {
      const element = getElementKey(item, schema as ListSchema);
      const below = collectFields(item, itemSchema(schema));
      fields[element] = isEmpty(below) ? below : { '.': NO_FIELDS, ...below };
    }
    return fields;
  }
  const tree = value as Tree;
  for (const key in tree) {
    if (tree[key] === undefined) continue;
    fields[fieldElement(key)] = collectFields(tree[key], memberSchema(schema, key));
  }
  return fields;
}

/** The set with the described fields that contain its members: what is owned keeps its place. */
export function withNamedContainers(fields: Fields, schema: Schema): Fields {
  const all: Record<string, Fields> = {};
  for (const element in fields) {
    if (element === '.') continue;
    const key = element.startsWith('f:') ? element.slice(2) : undefined;
    const below = key === undefined ? itemSchema(schema) : memberSchema(schema, key);
    const named = key !== undefined && schema.type === 'object' && key in schema.properties;
    const inner = withNamedContainers(fields[element] as Fields, below);
    all[element] = withMembership(inner, named || isMember(fields, element));
  }
  return all;
}

/** `live` with `applied` laid over it. */
export function mergeTyped(live: unknown, applied: unknown, schema: Schema): unknown {
  if (applied === undefined || applied === null) return live;
  if (isAtomic(schema, applied)) return applied;
  if (Array.isArray(applied)) {
    return mergeLists(Array.isArray(live) ? live : [], applied, schema as ListSchema);
  }
  const base: Tree = isTree(live) ? live : {};
  const merged: Record<string, unknown> = { ...base };
  const tree = applied as Tree;
  for (const key in tree) {
    merged[key] = mergeTyped(base[key], tree[key], memberSchema(schema, key));
  }
  return merged;
}

/**
 * Items of both lists: those that are applied in the applied order, the others where they stood
 * (structured-merge-diff typed/merge.go visitListItems).
 */
function mergeLists(
  live: readonly unknown[],
  applied: readonly unknown[],
  schema: ListSchema,
): unknown[] {
  const keyOf = (item: unknown) => getElementKey(item, schema);
  const liveKeys = live.map(keyOf);
  const appliedKeys = applied.map(keyOf);
  const liveItems = new Map(live.map((item, i) => [liveKeys[i], item]));
  const wanted = new Set(appliedKeys);
  const shared = appliedKeys.filter((key) => liveItems.has(key));
  const done = new Set<string>();
  const result: unknown[] = [];
  let nextShared = 0;
  let l = 0;
  for (let r = 0; l < live.length || r < applied.length; ) {
    const liveKey = liveKeys[l];
    const appliedKey = appliedKeys[r];
    const ahead = liveKey !== undefined && wanted.has(liveKey);
    if (liveKey !== undefined && !ahead) {
      result.push(live[l]);
      l += 1;
      continue;
    }
    const passed = ahead && (done.has(liveKey) || appliedKey === undefined);
    const early = ahead && liveKey !== appliedKey && liveKey !== shared[nextShared];
    if (liveKey === appliedKey || passed || (early && nextShared < shared.length)) l += 1;
    if (appliedKey === undefined || (early && nextShared < shared.length)) continue;
    result.push(mergeTyped(liveItems.get(appliedKey), applied[r], schema.items));
    done.add(appliedKey);
    r += 1;
    if (shared[nextShared] === appliedKey) nextShared += 1;
  }
  return result;
}

export interface Comparison {
  readonly added: Fields;
  readonly modified: Fields;
  readonly removed: Fields;
}

const NOTHING: Comparison = { added: NO_FIELDS, modified: NO_FIELDS, removed: NO_FIELDS };

/** Which fields differ between two values. */
export function compareTyped(before: unknown, now: unknown, schema: Schema): Comparison {
  if (before === now) return NOTHING;
  const a = indexElements(before, schema);
  const b = indexElements(now, schema);
  const result = { added: {}, modified: {}, removed: {} } as Record<
    keyof Comparison,
    Record<string, Fields>
  >;
  for (const [element, { value, schema: below }] of b) {
    const old = a.get(element);
    if (old === undefined) result.added[element] = withItself(element, value, below);
    else compareElement(result, element, old.value, value, below);
  }
  for (const [element, { value, schema: below }] of a) {
    if (!b.has(element)) result.removed[element] = withItself(element, value, below);
  }
  return result;
}

function compareElement(
  result: Record<keyof Comparison, Record<string, Fields>>,
  element: string,
  before: unknown,
  now: unknown,
  schema: Schema,
): void {
  if (before === now) return;
  if (isAtomic(schema, before) || isAtomic(schema, now)) {
    if (!sameJson(before, now)) result.modified[element] = NO_FIELDS;
    return;
  }
  const below = compareTyped(before, now, schema);
  for (const part of ['added', 'modified', 'removed'] as const) {
    if (!isEmpty(below[part])) result[part][element] = below[part];
  }
}

/** `value` without the fields of `fields`: a member goes with all that is below it. */
export function removeFields(value: unknown, fields: Fields, schema: Schema): unknown {
  if (isEmpty(fields) || isAtomic(schema, value)) return value;
  if (Array.isArray(value)) {
    return value.flatMap((item) => {
      const element = getElementKey(item, schema as ListSchema);
      if (isMember(fields, element)) return [];
      return [removeFields(item, fields[element] ?? NO_FIELDS, itemSchema(schema))];
    });
  }
  const tree = value as Tree;
  const left: Record<string, unknown> = {};
  for (const key in tree) {
    const element = fieldElement(key);
    if (isMember(fields, element)) continue;
    left[key] = removeFields(tree[key], fields[element] ?? NO_FIELDS, memberSchema(schema, key));
  }
  return left;
}

interface Element {
  readonly value: unknown;
  readonly schema: Schema;
}

function indexElements(value: unknown, schema: Schema): Map<string, Element> {
  const elements = new Map<string, Element>();
  if (isAtomic(schema, value)) return elements;
  if (Array.isArray(value)) {
    for (const item of value) {
      elements.set(getElementKey(item, schema as ListSchema), {
        value: item,
        schema: itemSchema(schema),
      });
    }
    return elements;
  }
  const tree = value as Tree;
  for (const key in tree) {
    if (tree[key] === undefined) continue;
    elements.set(fieldElement(key), { value: tree[key], schema: memberSchema(schema, key) });
  }
  return elements;
}

function withItself(element: string, value: unknown, schema: Schema): Fields {
  const below = collectFields(value, schema);
  const isItem = !element.startsWith('f:');
  return isItem && !isEmpty(below) ? union({ '.': NO_FIELDS }, below) : below;
}

function getElementKey(item: unknown, schema: ListSchema): string {
  return schema.listType === 'set' ? valueElement(item) : keyElement(item, schema.keys ?? []);
}

function itemSchema(schema: Schema): Schema {
  return schema.type === 'list' ? schema.items : { type: 'any' };
}

function isTree(value: unknown): value is Tree {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
