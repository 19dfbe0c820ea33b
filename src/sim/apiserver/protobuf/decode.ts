/**
 * Bodies in Kubernetes' protobuf, as Go clients send them for built-in kinds: an envelope with the
 * kind, and the object. Decoded to what the same client would have sent as JSON.
 */

import { rfc3339, rfc3339Micro } from '../../../core/time-text.ts';
import { type FieldType, messageType, rootMessage } from './messages.ts';
import { type RawField, readFields, signed, readText } from './raw-fields.ts';

export const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf';

const MAGIC = Buffer.from('k8s\0');

/** The object; undefined where the bytes are no such body or of an unknown kind. */
export function decodeKubernetes(bytes: Buffer): unknown {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const envelope = byNumber(readFields(bytes.subarray(MAGIC.length)));
  const typeMeta = byNumber(readFields(readBytes(envelope.get(1))));
  const apiVersion = readText(typeMeta.get(1));
  const kind = readText(typeMeta.get(2));
  const root = rootMessage(apiVersion, kind);
  if (root === undefined) return undefined;
  return { apiVersion, kind, ...decodeMessage(root, readBytes(envelope.get(2))) };
}

type Tree = Record<string, unknown>;

function decodeMessage(name: string, bytes: Buffer): Tree {
  const fields = messageType(name);
  const tree: Tree = {};
  for (const raw of readFields(bytes)) {
    const field = fields?.get(raw.number);
    if (field) addField(tree, field, raw);
  }
  return tree;
}

function addField(tree: Tree, field: FieldType, raw: RawField): void {
  if (field.name === '^') {
    Object.assign(tree, decodeMessage(field.type, readBytes(raw)));
    return;
  }
  if (field.shape === 'map') {
    addEntry(tree, field, raw);
    return;
  }
  const value = decodeValue(field.type, raw);
  if (field.shape === 'list') {
    const list = (tree[field.name] ??= []) as unknown[];
    list.push(value);
  } else if (value !== undefined && !(field.omitZero && isZero(value))) {
    tree[field.name] = value;
  }
}

/** A map is a list of entries with key 1 and value 2. */
function addEntry(tree: Tree, field: FieldType, raw: RawField): void {
  const entry = byNumber(readFields(readBytes(raw)));
  const map = (tree[field.name] ??= {}) as Tree;
  const value = entry.get(2) ?? { number: 2, value: Buffer.alloc(0) };
  map[readText(entry.get(1))] = decodeValue(field.type, value);
}

function decodeValue(type: string, raw: RawField): unknown {
  switch (type) {
    case 's':
      return readText(raw);
    case 'b':
      return raw.value === 1n;
    case 'i':
      return signed(raw);
    case 'y':
      return readBytes(raw).toString('base64');
    case 'time':
      return decodeTime(raw, rfc3339);
    case 'microTime':
      return decodeTime(raw, rfc3339Micro);
    case 'quantity':
      return readText(byNumber(readFields(readBytes(raw))).get(1));
    case 'intOrString':
      return decodeIntOrString(raw);
    case 'raw':
      return decodeRaw(raw);
    default:
      return decodeMessage(type, readBytes(raw));
  }
}

/** Undefined for the zero time, which is an empty message. */
function decodeTime(raw: RawField, format: (unixUs: number) => string): string | undefined {
  const parts = byNumber(readFields(readBytes(raw)));
  if (parts.size === 0) return undefined;
  return format(signed(parts.get(1)) * 1e6 + Math.floor(signed(parts.get(2)) / 1000));
}

function decodeIntOrString(raw: RawField): number | string {
  const parts = byNumber(readFields(readBytes(raw)));
  return signed(parts.get(1)) === 0 ? signed(parts.get(2)) : readText(parts.get(3));
}

/** JSON within protobuf. */
function decodeRaw(raw: RawField): unknown {
  const text = readText(byNumber(readFields(readBytes(raw))).get(1));
  return text === '' ? undefined : JSON.parse(text);
}

function byNumber(fields: readonly RawField[]): ReadonlyMap<number, RawField> {
  return new Map(fields.map((field) => [field.number, field]));
}

function readBytes(raw: RawField | undefined): Buffer {
  return Buffer.isBuffer(raw?.value) ? raw.value : Buffer.alloc(0);
}

function isZero(value: unknown): boolean {
  if (value === '' || value === 0 || value === false) return true;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
