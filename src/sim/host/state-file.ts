/**
 * A served cluster on disk: one JSON value a line (a header, then objects, then what Ceph holds),
 * because a large cluster is longer than the longest string. Written beside the old file and then
 * put in its place, so that a crash while saving loses nothing.
 */

import { closeSync, existsSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { z } from 'zod';
import type { KubeObject } from '../../api/object.ts';
import type { Credentials } from '../apiserver/https/credentials.ts';
import type { SavedRbd } from '../hardware/rbd/saved.ts';
import { UsageError } from '../../core/usage-error.ts';

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

const header = z.object({
  schema: z.literal(SCHEMA),
  seed: z.number(),
  wallUs: z.number(),
  version: z.number(),
  hosts: z.array(z.string()),
  objects: z.number(),
  credentials: z.unknown().optional(),
  rbd: z.object({ tasks: z.unknown(), volumes: z.unknown(), snapshots: z.unknown() }),
});

/** Flushed when this many characters have gathered. */
const BLOCK_LENGTH = 1 << 20;

export function writeState(path: string, state: SavedState): void {
  const { objects, rbd, seed, wallUs, hosts, credentials } = state;
  const { images, ...journal } = rbd;
  const temporary = `${path}.tmp`;
  const file = openSync(temporary, 'w', 0o600);
  let block = '';
  const line = (value: unknown) => {
    block += `${JSON.stringify(value)}\n`;
    if (block.length < BLOCK_LENGTH) return;
    writeSync(file, block);
    block = '';
  };
  line({
    schema: SCHEMA,
    seed,
    wallUs,
    hosts,
    credentials,
    version: objects.version,
    objects: objects.objects.length,
    rbd: journal,
  });
  for (const object of objects.objects) line(object);
  for (const image of images) line(image);
  writeSync(file, block);
  closeSync(file);
  renameSync(temporary, path);
}

/** Undefined where there is no such file yet; throws UsageError where it is none of ours. */
export function readState(path: string): SavedState | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return parseState(readFileSync(path));
  } catch (error) {
    throw new UsageError(`--state ${path} cannot be read: ${(error as Error).message}`);
  }
}

function parseState(bytes: Buffer): SavedState {
  const lines = splitLines(bytes);
  const first = header.parse(JSON.parse(lines.next().value ?? 'null'));
  const rest: unknown[] = [];
  for (const line of lines) rest.push(JSON.parse(line));
  const { seed, wallUs, hosts, version, credentials } = first;
  return {
    seed,
    wallUs,
    hosts,
    ...(credentials ? { credentials: credentials as Credentials } : {}),
    objects: { version, objects: rest.slice(0, first.objects) as KubeObject[] },
    rbd: { ...first.rbd, images: rest.slice(first.objects) } as SavedRbd,
  };
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
