/**
 * Request bodies: bytes up to a limit, then JSON, YAML or protobuf as the content type says.
 * Whatever a client sends, the worst outcome is a refusal.
 */

import type { IncomingMessage } from 'node:http';
import { parse } from 'yaml';
import { decodeKubernetes, PROTOBUF_TYPE } from '../protobuf/decode.ts';
import { badRequest, failure, Refusal, unsupportedMediaType } from '../refusal.ts';
import { APPLY_PATCH, JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH } from '../requests/patch.ts';

/** apiserver server/config.go: MaxRequestBodyBytes. */
const BODY_LIMIT_BYTES = 3 * 1024 * 1024;

const JSON_TYPES = ['application/json', JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH];
const YAML_TYPES = ['application/yaml', APPLY_PATCH];

/** What is read of a body that is too long, so that its sender gets to hear so. */
const PATIENCE_BYTES = 20 * BODY_LIMIT_BYTES;

/** All bytes of the body; refuses what is too long: 413. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_LIMIT_BYTES) chunks.push(chunk);
      else if (size > PATIENCE_BYTES) request.destroy();
    });
    request.on('end', () => {
      if (size <= BODY_LIMIT_BYTES) resolve(Buffer.concat(chunks));
      else reject(tooLarge());
    });
    request.on('error', reject);
    request.on('close', () => reject(new Error('the client went away')));
  });
}

/** `application/json` of `application/json; charset=utf-8`. */
export function mediaType(request: IncomingMessage): string | undefined {
  return request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
}

/**
 * The parsed body; undefined where there is none. Where `lenient`, text that does not parse is
 * passed on as text, for servers behind this one that have words of their own for it.
 */
export function parseBody(bytes: Buffer, type: string | undefined, lenient: boolean): unknown {
  if (bytes.length === 0) return undefined;
  if (type === PROTOBUF_TYPE) return decoded(bytes);
  const text = bytes.toString();
  if (lenient) return parsed(text, type) ?? text;
  const known = type === undefined || JSON_TYPES.includes(type) || YAML_TYPES.includes(type);
  if (!known) throw unsupportedMediaType([...JSON_TYPES, ...YAML_TYPES]);
  const value = parsed(text, type);
  if (value === undefined) {
    throw badRequest('the object provided is unrecognized (must be of type JSON or YAML)');
  }
  return value;
}

function decoded(bytes: Buffer): unknown {
  let value: unknown;
  try {
    value = decodeKubernetes(bytes);
  } catch {
    throw badRequest('the protobuf body cannot be decoded');
  }
  if (value === undefined) throw unsupportedMediaType([...JSON_TYPES, ...YAML_TYPES]);
  return value;
}

function parsed(text: string, type: string | undefined): unknown {
  // Such a key would become a prototype where objects are copied.
  if (text.includes('__proto__')) return undefined;
  try {
    if (type !== undefined && YAML_TYPES.includes(type)) {
      return parse(text, { maxAliasCount: 100, uniqueKeys: true });
    }
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function tooLarge(): Refusal {
  const message = `the request is too large: limit is ${BODY_LIMIT_BYTES}`;
  return new Refusal(failure(413, 'RequestEntityTooLarge', message));
}
