/** JSON patch (RFC 6902) on shared values: every step copies the spine it changes. */

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
  const copied = { bytes: 0 };
  let result = target;
  for (const operation of patch) result = applyOperation(result, asOperation(operation), copied);
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

interface Copied {
  bytes: number;
}

function applyOperation(target: unknown, operation: Operation, copied: Copied): unknown {
  const path = parsePointer(operation.path);
  switch (operation.op) {
    case 'add':
      return edit(target, path, operation, { kind: 'add', value: operation.value });
    case 'remove':
      return edit(target, path, operation, { kind: 'remove' });
    case 'replace':
      lookup(target, path, operation);
      return edit(target, path, operation, { kind: 'replace', value: operation.value });
    case 'move': {
      const from = parsePointer(operation.from ?? '');
      const value = lookup(target, from, operation);
      const without = edit(target, from, operation, { kind: 'remove' });
      return edit(without, path, operation, { kind: 'add', value });
    }
    case 'copy': {
      const value = lookup(target, parsePointer(operation.from ?? ''), operation);
      count(copied, value);
      return edit(target, path, operation, { kind: 'add', value });
    }
    case 'test':
      return testOperation(target, path, operation);
    default:
      throw new JsonPatchError('malformed', `unexpected kind of operation: ${operation.op}`);
  }
}

/** A patch that copies its own copies grows without bound: each doubles what there is. */
function count(copied: Copied, value: unknown): void {
  copied.bytes += Buffer.byteLength(JSON.stringify(value));
  if (copied.bytes <= COPIES_MAX_BYTES) return;
  const text = 'Unable to complete the copy, the accumulated size increase of copy is';
  const message = `${text} ${copied.bytes}, exceeding the limit ${COPIES_MAX_BYTES}`;
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
  target: unknown,
  path: readonly string[],
  operation: Operation,
  change: Change,
): unknown {
  const [key, ...rest] = path;
  if (key === undefined) {
    if (change.kind === 'remove') throw missing(operation);
    return change.value;
  }
  if (target === null || typeof target !== 'object') throw missing(operation);
  if (Array.isArray(target)) return editArray(target, key, rest, operation, change);
  const tree = target as Readonly<Record<string, unknown>>;
  const copy: Record<string, unknown> = { ...tree };
  if (rest.length > 0) copy[key] = edit(tree[key], rest, operation, change);
  else if (change.kind !== 'remove') copy[key] = change.value;
  else if (tree[key] === undefined) throw missing(operation);
  else delete copy[key];
  return copy;
}

function editArray(
  target: readonly unknown[],
  key: string,
  rest: readonly string[],
  operation: Operation,
  change: Change,
): unknown {
  const appending = key === '-' && rest.length === 0 && change.kind === 'add';
  const index = appending ? target.length : Number(key);
  const last = change.kind === 'add' && rest.length === 0 ? target.length : target.length - 1;
  if (!/^\d+$/.test(key) && !appending) throw missing(operation);
  if (index > last) throw missing(operation);
  const copy = [...target];
  if (rest.length > 0) copy[index] = edit(target[index], rest, operation, change);
  else if (change.kind === 'add') copy.splice(index, 0, change.value);
  else if (change.kind === 'replace') copy[index] = change.value;
  else copy.splice(index, 1);
  return copy;
}
