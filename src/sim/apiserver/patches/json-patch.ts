/**
 * JSON patch (RFC 6902) on shared values: what a step changes is copied, once for all steps, since
 * ten thousand copies of a long list would take minutes.
 */

import { sameJson } from '../../../core/json.ts';

type JsonPatchErrorKind = 'malformed' | 'tooLong' | 'test' | 'path' | 'copies';

/** A patch that cannot be applied; `kind` tells a failed test from a bad path or a bad patch. */
export class JsonPatchError extends Error {
  override readonly name = 'JsonPatchError';
  readonly kind: JsonPatchErrorKind;
  constructor(kind: JsonPatchErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** apiserver handlers/patch.go: maxJSONPatchOperations. */
const OPERATIONS_MAX = 10_000;
/** apiserver server/config.go: JSONPatchMaxCopyBytes, of all copies of a patch together. */
const COPIES_MAX_BYTES = 3 * 1024 * 1024;

/** `target` with all operations applied in order; throws JsonPatchError. */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw new JsonPatchError('malformed', 'a JSON patch is an array');
  if (patch.length > OPERATIONS_MAX) {
    const limit = `The allowed maximum operations in a JSON patch is ${OPERATIONS_MAX}`;
    throw new JsonPatchError('tooLong', `${limit}, got ${patch.length}`);
  }
  const work: Work = { copiedBytes: 0, own: new WeakSet() };
  let result = target;
  for (const operation of patch) result = applyOperation(result, asOperation(operation), work);
  return result;
}

function asOperation(value: unknown): Operation {
  const operation = value as Partial<Operation> | null;
  if (typeof operation?.op !== 'string' || typeof operation.path !== 'string') {
    throw new JsonPatchError('malformed', 'an operation needs op and path');
  }
  if (typeof (operation.from ?? '') !== 'string') {
    throw new JsonPatchError('malformed', 'from of an operation is a path');
  }
  return operation as Operation;
}

interface Work {
  copiedBytes: number;
  /** Copies that this patch has made: nobody else has them, so they may be changed. */
  readonly own: WeakSet<object>;
}

function applyOperation(target: unknown, operation: Operation, work: Work): unknown {
  const path = parsePointer(operation.path);
  switch (operation.op) {
    case 'add':
      return edit(work, target, path, operation, { kind: 'add', value: operation.value });
    case 'remove':
      return edit(work, target, path, operation, { kind: 'remove' });
    case 'replace':
      lookup(target, path, operation);
      return edit(work, target, path, operation, { kind: 'replace', value: operation.value });
    case 'move': {
      const from = parsePointer(operation.from ?? '');
      const value = lookup(target, from, operation);
      const without = edit(work, target, from, operation, { kind: 'remove' });
      return edit(work, without, path, operation, { kind: 'add', value });
    }
    case 'copy': {
      const value = lookup(target, parsePointer(operation.from ?? ''), operation);
      // What stands in two places may be changed in one of them.
      const copy = JSON.parse(counted(work, value)) as unknown;
      return edit(work, target, path, operation, { kind: 'add', value: copy });
    }
    case 'test':
      return testOperation(target, path, operation);
    default:
      throw new JsonPatchError('malformed', `unexpected kind of operation: ${operation.op}`);
  }
}

/** A patch that copies its own copies grows without bound: each doubles what there is. */
function counted(work: Work, value: unknown): string {
  const json = JSON.stringify(value);
  work.copiedBytes += Buffer.byteLength(json);
  if (work.copiedBytes <= COPIES_MAX_BYTES) return json;
  const text = 'Unable to complete the copy, the accumulated size increase of copy is';
  const message = `${text} ${work.copiedBytes}, exceeding the limit ${COPIES_MAX_BYTES}`;
  throw new JsonPatchError('copies', message);
}

function testOperation(target: unknown, path: readonly string[], operation: Operation): unknown {
  const found = find(target, path);
  if (sameJson(found ?? null, operation.value ?? null)) return target;
  throw new JsonPatchError('test', `testing value ${operation.path} failed: test failed`);
}

function parsePointer(text: string): readonly string[] {
  if (text === '') return [];
  if (!text.startsWith('/')) throw new JsonPatchError('malformed', `bad pointer: ${text}`);
  return text
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function find(target: unknown, path: readonly string[]): unknown {
  let value = target;
  for (const key of path) {
    if (value === null || typeof value !== 'object') return undefined;
    // A label may be called `constructor`, which every object inherits.
    if (!Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

function lookup(target: unknown, path: readonly string[], operation: Operation): unknown {
  const value = find(target, path);
  if (value === undefined) throw missing(operation);
  return value;
}

function missing(operation: Operation): JsonPatchError {
  const { op, path } = operation;
  return new JsonPatchError('path', `${op} operation does not apply: doc is missing path: ${path}`);
}

type Change =
  | { readonly kind: 'add' | 'replace'; readonly value: unknown }
  | { readonly kind: 'remove' };

function edit(
  work: Work,
  target: unknown,
  path: readonly string[],
  operation: Operation,
  change: Change,
  at = 0,
): unknown {
  const key = path[at];
  const isLast = at === path.length - 1;
  if (key === undefined) {
    if (change.kind === 'remove') throw missing(operation);
    return change.value;
  }
  if (target === null || typeof target !== 'object') throw missing(operation);
  if (Array.isArray(target)) return editArray(work, target, path, at, operation, change);
  const tree = target as Record<string, unknown>;
  const copy = ours(work, tree, () => ({ ...tree }));
  if (!isLast) copy[key] = edit(work, tree[key], path, operation, change, at + 1);
  else if (change.kind !== 'remove') copy[key] = change.value;
  else if (!Object.hasOwn(tree, key)) throw missing(operation);
  else delete copy[key];
  return copy;
}

function ours<T extends object>({ own }: Work, value: T, copied: () => T): T {
  if (own.has(value)) return value;
  const copy = copied();
  own.add(copy);
  return copy;
}

function editArray(
  work: Work,
  target: unknown[],
  path: readonly string[],
  at: number,
  operation: Operation,
  change: Change,
): unknown {
  const key = path[at] as string;
  const isLast = at === path.length - 1;
  const appending = key === '-' && isLast && change.kind === 'add';
  const index = appending ? target.length : Number(key);
  const last = change.kind === 'add' && isLast ? target.length : target.length - 1;
  if (!/^\d+$/.test(key) && !appending) throw missing(operation);
  if (index > last) throw missing(operation);
  const copy = ours(work, target, () => [...target]);
  if (!isLast) copy[index] = edit(work, target[index], path, operation, change, at + 1);
  else if (change.kind === 'add') copy.splice(index, 0, change.value);
  else if (change.kind === 'replace') copy[index] = change.value;
  else copy.splice(index, 1);
  return copy;
}
