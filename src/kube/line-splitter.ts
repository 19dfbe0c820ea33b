/** Lines out of chunks: bytes after the last newline wait for the chunk that completes them. */

const NEWLINE = 10;

export interface LineSplitter {
  /** The lines that `chunk` completes, without their newlines; empty lines are left out. */
  push(chunk: Buffer): readonly string[];
}

export function createLineSplitter(): LineSplitter {
  // Parts of an unfinished line, joined once: a large object comes in hundreds of chunks.
  let parts: Buffer[] = [];
  return {
    push(chunk) {
      const lines: string[] = [];
      let start = 0;
      for (
        let newline = chunk.indexOf(NEWLINE, start);
        newline >= 0;
        newline = chunk.indexOf(NEWLINE, start)
      ) {
        parts.push(chunk.subarray(start, newline));
        const line = parts.length === 1 ? parts[0] : Buffer.concat(parts);
        parts = [];
        if (line !== undefined && line.length > 0) lines.push(line.toString('utf8'));
        start = newline + 1;
      }
      if (start < chunk.length) parts.push(chunk.subarray(start));
      return lines;
    },
  };
}
