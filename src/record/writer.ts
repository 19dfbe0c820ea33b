/**
 * The history on disk: a line of JSON an entry, appended. Writes are synchronous and in blocks,
 * because inside a simulated run nothing may wait for a file; a crash costs the last block.
 */

import { closeSync, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { SECOND } from '../core/duration.ts';
import { settle } from '../core/settle.ts';
import { namingFile, writeWhole } from '../core/write-atomic.ts';
import type { Entry } from './entry.ts';
import type { EntrySink } from './notebook.ts';

export interface HistoryWriter extends EntrySink {
  readonly entries: number;
  /** Bytes handed over so far, written or still in the block. */
  readonly bytes: number;
  /** Aborted with what the file system said, where it took no more. Later entries are lost. */
  readonly failed: AbortSignal;
  /** Throws what the file system said, now or before. */
  close(): void;
}

/** Without these on disk, a resumed run could do something twice. */
const AHEAD: ReadonlySet<Entry['e']> = new Set(['anchor', 'send']);

const BLOCK_CHARS = 64 * 1024;

/** A crash costs no more than this, by the run's own time. */
const FLUSH_EVERY_US = SECOND;

export interface HistoryOptions {
  /**
   * For clusters that outlive this process: what is about to be sent is on disk before it is sent,
   * and all else within a turn of the event loop, so that a killed run can be resumed.
   */
  readonly ahead?: boolean | undefined;
}

/**
 * Appends to the file at `path`; throws what the file system throws at the opening. Afterwards only
 * an entry that has to be ahead throws, since most are written where nobody could catch it.
 */
export function openHistory(path: string, { ahead = false }: HistoryOptions = {}): HistoryWriter {
  const file = openSync(path, 'a');
  const { size } = fstatSync(file);
  const failed = new AbortController();
  let block = '';
  let flushedUs = 0;
  let entries = 0;
  let bytes = 0;
  let closed = false;
  const flush = () => {
    if (block === '') return;
    const data = Buffer.from(block);
    block = '';
    try {
      bytes += writeWhole(file, data);
    } catch (error) {
      closed = true;
      dropPart(file, size + bytes);
      failed.abort(namingFile(error, path));
    }
  };
  return {
    get entries() {
      return entries;
    },
    get bytes() {
      return bytes + Buffer.byteLength(block);
    },
    write(entry) {
      // What a cut-off request still brings is no part of the run any more; and nothing is sent
      // that would not be on disk before.
      if (ahead && AHEAD.has(entry.e)) failed.signal.throwIfAborted();
      if (closed) return;
      const isFirst = block === '';
      block += `${JSON.stringify(entry)}\n`;
      entries += 1;
      if (ahead && isFirst) void settle().then(flush);
      if (ahead && AHEAD.has(entry.e)) {
        flush();
        return failed.signal.throwIfAborted();
      }
      const nowUs = 't' in entry ? entry.t : flushedUs;
      if (block.length < BLOCK_CHARS && nowUs - flushedUs < FLUSH_EVERY_US) return;
      flushedUs = nowUs;
      flush();
    },
    flush,
    failed: failed.signal,
    close() {
      flush();
      closed = true;
      closeSync(file);
      failed.signal.throwIfAborted();
    },
  };
}

/** What was written of a block that did not fit: half a line would spoil those after it. */
function dropPart(file: number, size: number): void {
  try {
    ftruncateSync(file, size);
  } catch {
    // A reader leaves half a line out, and says so.
  }
}
