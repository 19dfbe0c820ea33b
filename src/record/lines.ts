/**
 * Lines of a file, a block at a time, so that memory does not grow with the file. A block may end
 * inside a character, so blocks are cut at the last newline byte before they are decoded.
 */

import { closeSync, openSync, readSync } from 'node:fs';

export interface Line {
  /** Counted from 1. */
  readonly number: number;
  readonly text: string;
  /** False for what follows the last newline: it may be torn. */
  readonly ended: boolean;
}

const BLOCK_BYTES = 1 << 20;

const NEWLINE = 0x0a;

/** The non-empty lines of `path`, without their newlines. Throws what the file system throws. */
export function* readLines(path: string, blockBytes = BLOCK_BYTES): Generator<Line> {
  const file = openSync(path, 'r');
  try {
    let number = 0;
    for (const { text, ended } of readBlocks(file, blockBytes)) {
      for (const line of splitLines(text)) {
        number += 1;
        if (line !== '') yield { number, text: line, ended };
      }
    }
  } finally {
    closeSync(file);
  }
}

/** Texts that end where a line ends; the last one may not, and then is a part of one line. */
function* readBlocks(
  file: number,
  blockBytes: number,
): Generator<{ text: string; ended: boolean }> {
  let kept = Buffer.alloc(0);
  const block = Buffer.allocUnsafe(blockBytes);
  for (;;) {
    const size = readSync(file, block, 0, blockBytes, null);
    if (size === 0) break;
    const bytes = Buffer.concat([kept, block.subarray(0, size)]);
    const end = bytes.lastIndexOf(NEWLINE);
    if (end >= 0) yield { text: bytes.toString('utf8', 0, end), ended: true };
    kept = bytes.subarray(end + 1);
  }
  if (kept.length > 0) yield { text: kept.toString('utf8'), ended: false };
}

function* splitLines(text: string): Generator<string> {
  let start = 0;
  for (;;) {
    const end = text.indexOf('\n', start);
    if (end < 0) break;
    yield text.slice(start, end);
    start = end + 1;
  }
  yield text.slice(start);
}
