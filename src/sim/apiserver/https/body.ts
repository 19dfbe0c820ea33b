/**
 * Request bodies: bytes up to a limit, then JSON, YAML or protobuf as the content type says.
 * Whatever a client sends, the worst outcome is a refusal.
 */

import type { IncomingMessage } from 'node:http';
import { parseDocument } from 'yaml';
import { deepOffset } from '../../../core/yaml-depth.ts';
import { KEYS_UNCHECKED, keyErrors } from '../../../core/yaml-keys.ts';
import { decodeKubernetes, PROTOBUF_TYPE } from '../protobuf/decode.ts';
import { scanJson } from './json-scan.ts';
import { failure } from '../../../api/status.ts';
import { badRequest, Refusal, unsupportedMediaType } from '../core/refusal.ts';
import { JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH } from '../requests/patch.ts';
import { APPLY_PATCH } from '../requests/write-options.ts';

/** apiserver server/config.go: MaxRequestBodyBytes. */
const BODY_LIMIT_BYTES = 3 * 1024 * 1024;

/** Go's decoder gives up at 10,000; no object of any kind is a tenth as deep. */
const DEPTH_LIMIT = 1000;

const JSON_TYPES = ['application/json', JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH];
const YAML_TYPES = ['application/yaml', APPLY_PATCH];

/** What is read of a body that is too long, so that its sender gets to hear so. */
const DISCARD_LIMIT_BYTES = 20 * BODY_LIMIT_BYTES;

/** All bytes of the body; refuses what is too long: 413. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_LIMIT_BYTES) chunks.push(chunk);
      else if (size > DISCARD_LIMIT_BYTES) request.destroy();
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

export interface ParsedBody {
  readonly value: unknown;
  /** Fields that the text names twice, of which the last counts. */
  readonly duplicates: readonly string[];
}

/**
 * The parsed body; undefined where there is none. Where `lenient`, text that does not parse is
 * passed on as text, for servers behind this one that have words of their own for it.
 */
export function parseBody(bytes: Buffer, type: string | undefined, lenient: boolean): ParsedBody {
  if (bytes.length === 0) return { value: undefined, duplicates: [] };
  if (type === PROTOBUF_TYPE) return { value: decoded(bytes), duplicates: [] };
  const text = bytes.toString();
  if (lenient) return { value: parsed(text, type) ?? text, duplicates: [] };
  const known = type === undefined || JSON_TYPES.includes(type) || YAML_TYPES.includes(type);
  if (!known) throw unsupportedMediaType([...JSON_TYPES, ...YAML_TYPES]);
  const value = parsed(text, type);
  if (value === undefined) {
    throw badRequest('the object provided is unrecognized (must be of type JSON or YAML)');
  }
  if (isYaml(type)) return { value, duplicates: [] };
  return { value, duplicates: duplicatesIn(text) };
}

function isYaml(type: string | undefined): boolean {
  return type !== undefined && YAML_TYPES.includes(type);
}

/** Refuses what is nested so deeply that reading it would take all of the stack. */
function duplicatesIn(text: string): readonly string[] {
  const { duplicates, depth } = scanJson(text);
  if (depth > DEPTH_LIMIT) throw badRequest('exceeded max depth');
  return duplicates;
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
    if (isYaml(type)) {
      if (deepOffset(text) !== undefined) return undefined;
      const document = parseDocument(text, { logLevel: 'error', ...KEYS_UNCHECKED });
      if (document.errors.length + keyErrors(document).length > 0) return undefined;
      return document.toJS({ maxAliasCount: 100 });
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
