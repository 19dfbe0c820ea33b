/**
 * A served cluster on disk: one JSON value a line (a header, then objects, then what Ceph holds),
 * because a large cluster is longer than the longest string. Written beside the old file and then
 * put in its place, so that a crash while saving loses nothing.
 */

import { existsSync, readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { fileTrouble } from '../../core/disk-trouble.ts';
import { z } from 'zod';
import type { KubeObject } from '../../api/object.ts';
import type { Credentials } from '../apiserver/https/credentials.ts';
import { parseSavedRbd, type SavedRbd } from '../hardware/rbd/saved.ts';
import { UsageError } from '../../core/usage-error.ts';
import { writeAtomic } from '../../core/write-atomic.ts';
import { deepOffset } from '../../core/yaml-depth.ts';

export interface SavedState {
  readonly seed: number;
  /** Simulated time at saving, microseconds since 1970. */
  readonly wallUs: number;
  /** Absent where the cluster was served without any. */
  readonly credentials?: Credentials;
  readonly hosts: readonly string[];
  readonly objects: { readonly version: number; readonly objects: readonly KubeObject[] };
  readonly rbd: SavedRbd;
}

const SCHEMA = 'bench/cluster-state/v1';

const keyPair = z
  .object({ certificate: z.string(), key: z.string() })
  .refine(({ certificate, key }) => isUsable({ cert: certificate, key }), 'is no pair of keys');

const header = z.object({
  schema: z.literal(SCHEMA),
  seed: z.number(),
  wallUs: z.int().min(0),
  version: z.int().min(0),
  hosts: z.array(z.string()),
  objects: z.int().min(0),
  credentials: z
    .object({
      authority: z.string().refine((ca) => isUsable({ ca })),
      server: keyPair,
      client: keyPair,
      token: z.string(),
    })
    .optional(),
  rbd: z.looseObject({}),
});

function isUsable(keys: SecureContextOptions): boolean {
  try {
    createSecureContext(keys);
    return true;
  } catch {
    return false;
  }
}

/** Flushed when this many characters have gathered. */
const BLOCK_LENGTH = 1 << 20;

export function writeState(path: string, state: SavedState): void {
  const { objects, rbd, seed, wallUs, hosts, credentials } = state;
  const { images, ...journal } = rbd;
  const first = {
    schema: SCHEMA,
    seed,
    wallUs,
    hosts,
    credentials,
    version: objects.version,
    objects: objects.objects.length,
    rbd: journal,
  };
  writeAtomic(path, blocks([first], objects.objects, images), { mode: 0o600 });
}

/** A line for each value, gathered to what is worth a write. */
function* blocks(...lists: readonly (readonly unknown[])[]): Generator<string> {
  let block = '';
  for (const list of lists) {
    for (const value of list) {
      block += `${JSON.stringify(value)}\n`;
      if (block.length < BLOCK_LENGTH) continue;
      yield block;
      block = '';
    }
  }
  yield block;
}

/** Undefined where there is no such file yet; throws UsageError where it is none of ours. */
export function readState(path: string): SavedState | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return parseState(readFileSync(path));
  } catch (error) {
    throw new UsageError(`--state ${path} cannot be read: ${fileTrouble(error)}`);
  }
}

function parseState(bytes: Buffer): SavedState {
  const lines = splitLines(bytes);
  const checked = header.safeParse(parseLine(lines.next().value ?? 'null'));
  if (!checked.success) {
    const [{ path, message } = { path: [], message: '' }] = checked.error.issues;
    throw new Error(`its first line is none of ${SCHEMA}: ${path.join('.')}: ${message}`);
  }
  const first = checked.data;
  const rest: unknown[] = [];
  for (const line of lines) rest.push(parseLine(line));
  const objects = rest.slice(0, first.objects);
  const odd = objects.findIndex((object) => !isObject(object));
  if (odd >= 0 || objects.length < first.objects) {
    const line = odd >= 0 ? odd + 2 : objects.length + 2;
    throw new Error(`line ${line} is no object, of ${first.objects} that should be there`);
  }
  const { seed, wallUs, hosts, version, credentials } = first;
  return {
    seed,
    wallUs,
    hosts,
    ...(credentials ? { credentials } : {}),
    objects: { version, objects: objects as KubeObject[] },
    rbd: parseSavedRbd({ ...first.rbd, images: rest.slice(first.objects) }),
  };
}

/** Whoever takes it goes down with it, and would use up the stack. */
function parseLine(line: string): unknown {
  if (deepOffset(line) !== undefined) throw new Error('a value is nested too deeply');
  return JSON.parse(line);
}

function isObject(value: unknown): value is KubeObject {
  const { kind, apiVersion, metadata } = (value ?? {}) as Partial<KubeObject>;
  const name: unknown = metadata?.name;
  return typeof kind === 'string' && typeof apiVersion === 'string' && typeof name === 'string';
}

function* splitLines(bytes: Buffer): Generator<string, undefined> {
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0x0a, start);
    const stop = end < 0 ? bytes.length : end;
    if (stop > start) yield bytes.toString('utf8', start, stop);
    start = stop + 1;
  }
  return undefined;
}
