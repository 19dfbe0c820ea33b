/**
 * Strategic merge patch of built-in kinds: as a merge patch, but lists with a merge key merge item
 * by item, and `$patch`, `$deleteFromPrimitiveList`, `$setElementOrder` and `$retainKeys` direct
 * it (apimachinery util/strategicpatch).
 */

import { type ListSchema, memberSchema, type Schema } from '../schema/schema.ts';

/** A patch that makes no sense for the schema. */
export class StrategicPatchError extends Error {
  override readonly name = 'StrategicPatchError';
}

type Tree = Readonly<Record<string, unknown>>;

export function strategicMergePatch(target: unknown, patch: unknown, schema: Schema): unknown {
  if (!isTree(patch)) throw new StrategicPatchError('a strategic merge patch is an object');
  return mergeObject(isTree(target) ? target : {}, patch, schema);
}

function mergeObject(target: Tree, patch: Tree, schema: Schema): Tree {
  const directive = patch['$patch'];
  if (directive === 'replace') return stripDirectives(patch);
  if (directive === 'delete') return {};
  const merged: Record<string, unknown> = { ...retained(target, patch['$retainKeys']) };
  for (const key in patch) {
    if (key.startsWith('$')) continue;
    const wanted = patch[key];
    if (wanted === undefined) continue;
    if (wanted === null) delete merged[key];
    else merged[key] = mergeValue(merged[key], wanted, memberSchema(schema, key), patch, key);
  }
  removeFromSets(merged, patch);
  orderOnly(merged, patch, schema);
  return merged;
}

function mergeValue(
  had: unknown,
  wanted: unknown,
  schema: Schema,
  patch: Tree,
  key: string,
): unknown {
  if (isTree(wanted)) return mergeObject(isTree(had) ? had : {}, wanted, schema);
  if (!Array.isArray(wanted)) return wanted;
  const mergeKey = schema.type === 'list' ? schema.mergeKey : undefined;
  const present = Array.isArray(had) ? (had as readonly unknown[]) : [];
  const order = patch[`$setElementOrder/${key}`];
  if (mergeKey === undefined) return wanted;
  if (mergeKey === '') return ordered([...new Set([...present, ...wanted])], order, '');
  return ordered(mergeItems(present, wanted, mergeKey, schema as ListSchema), order, mergeKey);
}

function mergeItems(
  present: readonly unknown[],
  wanted: readonly unknown[],
  mergeKey: string,
  schema: ListSchema,
): unknown[] {
  if (wanted.some((item) => isTree(item) && item['$patch'] === 'replace')) {
    return wanted.filter((item) => isTree(item) && item['$patch'] !== 'replace');
  }
  let items = [...present];
  for (const item of wanted) {
    const key = getMergeKey(item, mergeKey);
    if (key === undefined)
      throw new StrategicPatchError(`map: does not contain declared merge key: ${mergeKey}`);
    const at = items.findIndex((each) => getMergeKey(each, mergeKey) === key);
    if ((item as Tree)['$patch'] === 'delete') {
      items = items.filter((each) => getMergeKey(each, mergeKey) !== key);
    } else if (at < 0) {
      items.push(mergeObject({}, item as Tree, schema.items));
    } else {
      items[at] = mergeObject(items[at] as Tree, item as Tree, schema.items);
    }
  }
  return items;
}

/** Items in the order that the patch names; others keep their places behind what they followed. */
function ordered(items: readonly unknown[], order: unknown, mergeKey: string): unknown[] {
  if (!Array.isArray(order)) return [...items];
  const rankOf = new Map(order.map((item, i) => [getMergeKey(item, mergeKey), i]));
  const named = items.filter((item) => rankOf.has(getMergeKey(item, mergeKey)));
  named.sort(
    (a, b) =>
      (rankOf.get(getMergeKey(a, mergeKey)) ?? 0) - (rankOf.get(getMergeKey(b, mergeKey)) ?? 0),
  );
  let next = 0;
  return items.map((item) => (rankOf.has(getMergeKey(item, mergeKey)) ? named[next++] : item));
}

function getMergeKey(item: unknown, mergeKey: string): unknown {
  return mergeKey === '' ? item : (item as Tree | null)?.[mergeKey];
}

function retained(target: Tree, keys: unknown): Tree {
  if (!Array.isArray(keys)) return target;
  return Object.fromEntries(Object.entries(target).filter(([key]) => keys.includes(key)));
}

const FROM_SET = '$deleteFromPrimitiveList/';
const ORDER = '$setElementOrder/';

function removeFromSets(merged: Record<string, unknown>, patch: Tree): void {
  for (const directive in patch) {
    if (!directive.startsWith(FROM_SET)) continue;
    const key = directive.slice(FROM_SET.length);
    const gone = patch[directive];
    const present = merged[key];
    if (!Array.isArray(gone) || !Array.isArray(present)) continue;
    merged[key] = present.filter((item) => !gone.includes(item));
  }
}

/** An order may come without any item to merge. */
function orderOnly(merged: Record<string, unknown>, patch: Tree, schema: Schema): void {
  for (const directive in patch) {
    if (!directive.startsWith(ORDER)) continue;
    const key = directive.slice(ORDER.length);
    const below = memberSchema(schema, key);
    const present = merged[key];
    if (patch[key] !== undefined || !Array.isArray(present) || below.type !== 'list') continue;
    merged[key] = ordered(present, patch[directive], below.mergeKey ?? '');
  }
}

function stripDirectives(patch: Tree): Tree {
  return Object.fromEntries(Object.entries(patch).filter(([key]) => !key.startsWith('$')));
}

function isTree(value: unknown): value is Tree {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
