/**
 * A run under way, kept in a bucket as far as it has come, so that a pod whose node is lost costs
 * the seconds since the last checkpoint. The history only grows: each checkpoint puts the whole
 * lines that are new as one object, and then the list of all of them, with the small files as they
 * were before. The list is what counts, and it is whole or the one before.
 */

import { createHash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
} from 'node:fs';
import { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import { SECOND } from '../core/duration.ts';
import { writeAtomic } from '../core/write-atomic.ts';
import { makeFolders } from '../record/folders.ts';
import { getFilePath, type RunFolder } from '../record/layout.ts';
import { dropLocal, type FileFact, type KeptStudy, keyOf, parsed } from './kept-study.ts';

const CHECKPOINT_EVERY_US = 30 * SECOND;
const LOOK_EVERY_US = SECOND / 2;

const CHECKPOINT_SCHEMA = 'bench/checkpoint/v1';
const LIST = 'checkpoint.json';

/** Parts of the history, after the run that began it: `history.1a2b3c4d.000000001234`. */
const PART = /^history\.([0-9a-f]{8})\.\d{12}$/;

const PART_BYTES_MAX = 8 * 1024 * 1024;
const LIST_CHARS_MAX = 32 * 1024 * 1024;

const checkpointSchema = z.looseObject({
  schema: z.literal(CHECKPOINT_SCHEMA),
  parts: z.array(
    z.strictObject({
      name: z.string().regex(PART),
      bytes: z.int().min(1).max(PART_BYTES_MAX),
      sha256: z.string(),
    }),
  ),
  files: z.array(z.strictObject({ name: z.enum(['manifest', 'summary']), text: z.string() })),
});

type Checkpoint = z.infer<typeof checkpointSchema>;

export interface RunKeeping {
  /** A last checkpoint, and none after it. Throws BucketError. */
  end(): Promise<void>;
  /** No more of them. */
  stop(): Promise<void>;
}

export interface KeepingOptions {
  readonly clock: Clock;
  readonly everyUs?: number;
  /** Told of a checkpoint that failed: the next one makes up for it. */
  readonly onTrouble: (error: unknown) => void;
}

/** What there is of a run that a pod before had begun; whether there is something. */
export async function restoreRun(kept: KeptStudy, folder: RunFolder): Promise<boolean> {
  const found = await kept.bucket.read(keyOf(kept, folder.runId, LIST), LIST_CHARS_MAX);
  const checkpoint = found && parsed(found.text, checkpointSchema);
  if (checkpoint === undefined || checkpoint.parts.length === 0) return false;
  dropLocal(folder);
  makeFolders(folder.path);
  const history = getFilePath(folder, 'history');
  for (const { name, sha256 } of checkpoint.parts) {
    const part = await kept.bucket.read(keyOf(kept, folder.runId, name), PART_BYTES_MAX);
    // What is listed was put before the list: whoever removed it wants the run anew.
    if (part === undefined || digest(part.text) !== sha256) {
      dropLocal(folder);
      return false;
    }
    appendFileSync(history, part.text);
  }
  for (const { name, text } of checkpoint.files) writeAtomic(getFilePath(folder, name), text);
  return true;
}

/** Keeps the run in `folder` from now on, which another process writes. */
export function keepRun(
  kept: KeptStudy,
  folder: RunFolder,
  { clock, everyUs = CHECKPOINT_EVERY_US, onTrouble }: KeepingOptions,
): RunKeeping {
  const over = new AbortController();
  const checkpoint = checkpointer(kept, folder);
  const going = (async () => {
    // The first as soon as there is something: by its header a run knows again what it has made.
    // What the manifest says is kept at once: that a run has begun to remove what it made decides
    // whether another goes on with it.
    let leftUs = 0;
    let stand = '';
    for (;;) {
      await clock.sleep(LOOK_EVERY_US, { signal: over.signal });
      if (over.signal.aborted) return;
      leftUs -= LOOK_EVERY_US;
      const now = standOf(folder);
      if (leftUs > 0 && now === stand) continue;
      try {
        if (!(await checkpoint())) continue;
      } catch (error) {
        onTrouble(error);
      }
      [leftUs, stand] = [everyUs, now];
    }
  })();
  const stop = async () => {
    over.abort();
    await going;
  };
  return {
    stop,
    async end() {
      await stop();
      await checkpoint();
    },
  };
}

/** Takes away what a run needs no more that is whole. */
export async function dropCheckpoints(kept: KeptStudy, run: string): Promise<void> {
  const folder = keyOf(kept, run);
  await kept.bucket.remove(`${folder}/${LIST}`);
  for await (const { key } of kept.bucket.list(folder)) {
    if (PART.test(key.slice(folder.length + 1))) await kept.bucket.remove(key);
  }
}

function standOf(folder: RunFolder): string {
  const path = getFilePath(folder, 'manifest');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** Whether there was something to keep. */
function checkpointer(kept: KeptStudy, folder: RunFolder): () => Promise<boolean> {
  let known: { readonly of: string; readonly parts: FileFact[] } | undefined;
  let last = '';
  return async () => {
    const path = getFilePath(folder, 'history');
    const of = existsSync(path) ? originOf(path) : undefined;
    if (of === undefined) return false;
    if (known?.of !== of) known = { of, parts: [...(await partsOf(kept, folder, of))] };
    const { parts } = known;
    for (;;) {
      const offset = parts.reduce((sum, { bytes }) => sum + bytes, 0);
      const lines = wholeLines(path, offset);
      if (lines.length === 0) break;
      const name = `history.${of}.${String(offset).padStart(12, '0')}`;
      await kept.bucket.put(keyOf(kept, folder.runId, name), lines);
      parts.push({ name, bytes: lines.length, sha256: digest(lines) });
    }
    const checkpoint: Checkpoint = {
      schema: CHECKPOINT_SCHEMA,
      parts,
      files: (['manifest', 'summary'] as const).flatMap((name) => {
        const file = getFilePath(folder, name);
        return existsSync(file) ? [{ name, text: readFileSync(file, 'utf8') }] : [];
      }),
    };
    const text = JSON.stringify(checkpoint);
    if (text !== last) await kept.bucket.put(keyOf(kept, folder.runId, LIST), text);
    last = text;
    return true;
  };
}

/** The parts that a pod before has put, where the history here goes on from them. */
async function partsOf(
  kept: KeptStudy,
  folder: RunFolder,
  of: string,
): Promise<readonly FileFact[]> {
  const found = await kept.bucket.read(keyOf(kept, folder.runId, LIST), LIST_CHARS_MAX);
  const { parts = [] } = (found && parsed(found.text, checkpointSchema)) ?? {};
  return parts.every(({ name }) => PART.exec(name)?.[1] === of) ? parts : [];
}

/** Of the first line, which names the run's own field manager: a run made anew has another. */
function originOf(path: string): string | undefined {
  const lines = wholeLines(path, 0, 64 * 1024);
  const end = lines.indexOf(0x0a);
  return end < 0 ? undefined : digest(lines.subarray(0, end)).slice(0, 8);
}

/** As many whole lines from `offset` on as one object takes; empty where there is none. */
function wholeLines(path: string, offset: number, most = PART_BYTES_MAX): Buffer {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(Math.max(0, Math.min(most, fstatSync(file).size - offset)));
    const length = readSync(file, buffer, 0, buffer.length, offset);
    return buffer.subarray(0, buffer.subarray(0, length).lastIndexOf(0x0a) + 1);
  } finally {
    closeSync(file);
  }
}

function digest(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
