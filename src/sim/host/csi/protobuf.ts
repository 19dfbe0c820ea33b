/** Messages of the interface as bytes, and back. What a table does not name is passed over. */

import {
  type RawField,
  readFields,
  readText,
  signed,
} from '../../apiserver/protobuf/raw-fields.ts';
import { type FieldType, messageFields } from './messages.ts';

export type Tree = Readonly<Record<string, unknown>>;

/** Throws RangeError where the bytes are no message. */
export function decodeMessage(message: string, bytes: Buffer): Tree {
  const byNumber = new Map(messageFields(message).map((field) => [field.number, field]));
  const found = new Map<string, unknown>();
  for (const raw of readFields(bytes)) {
    const field = byNumber.get(raw.number);
    if (field) found.set(field.name, joined(field, found.get(field.name), raw));
  }
  return Object.fromEntries(found);
}

/** What the field holds once this occurrence of it has been read too. */
function joined(field: FieldType, before: unknown, raw: RawField): unknown {
  if (field.shape === 'map') {
    const parts = new Map(readFields(bytesIn(raw)).map((part) => [part.number, part]));
    const entries = Object.entries((before ?? {}) as Tree);
    return Object.fromEntries([...entries, [readText(parts.get(1)), readText(parts.get(2))]]);
  }
  const value = decodeValue(field.type, raw);
  return field.shape === 'list' ? [...((before ?? []) as unknown[]), value] : value;
}

function decodeValue(type: string, raw: RawField): unknown {
  switch (type) {
    case 's':
      return readText(raw);
    case 'b':
      return raw.value === 1n;
    case 'i':
      return signed(raw);
    default:
      return decodeMessage(type, bytesIn(raw));
  }
}

function bytesIn({ value }: RawField): Buffer {
  if (!Buffer.isBuffer(value)) throw new RangeError('a message was expected, not a number');
  return value;
}

/** Zero values are left out, as everywhere in protobuf; messages are not, however empty. */
export function encodeMessage(message: string, tree: Tree): Buffer {
  return Buffer.concat(
    messageFields(message).flatMap((field) => encodeField(field, tree[field.name])),
  );
}

function encodeField(field: FieldType, value: unknown): readonly Buffer[] {
  if (value === undefined) return [];
  switch (field.shape) {
    case 'list':
      return (value as readonly unknown[]).map((item) => encodeValue(field, item));
    case 'map':
      return Object.entries(value as Tree).map((entry) =>
        Buffer.concat(delimited(field.number, encodeEntry(entry))),
      );
    case 'one':
      return value === '' || value === 0 || value === false ? [] : [encodeValue(field, value)];
  }
}

function encodeEntry([key, value]: readonly [string, unknown]): Buffer {
  return Buffer.concat([
    ...delimited(1, Buffer.from(key)),
    ...delimited(2, Buffer.from(String(value))),
  ]);
}

function encodeValue({ number, type }: FieldType, value: unknown): Buffer {
  switch (type) {
    case 's':
      return Buffer.concat(delimited(number, Buffer.from(String(value))));
    case 'b':
    case 'i':
      return Buffer.concat([varint(number * 8), varint(Number(value))]);
    default:
      return Buffer.concat(delimited(number, encodeMessage(type, value as Tree)));
  }
}

/** Tag with wire type 2, length, bytes. */
function delimited(number: number, bytes: Buffer): readonly Buffer[] {
  return [varint(number * 8 + 2), varint(bytes.length), bytes];
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, BigInt(value));
  while (left > 0x7fn) {
    bytes.push(Number(left & 0x7fn) | 0x80);
    left >>= 7n;
  }
  bytes.push(Number(left));
  return Buffer.from(bytes);
}
