/** Server stamps as the history keeps them: Unix seconds, and the number of the clock. */

import { parseRfc3339 } from '../core/time-text.ts';
import type { EntrySink } from '../record/notebook.ts';

export interface Stamps {
  /** Unix seconds of an RFC 3339 text; undefined where there is none. */
  secondsOf(text: string | null | undefined): number | undefined;
  /** The number of a clock, introduced to the history when it is first met. */
  clockOf(name: string): number;
}

/** Whole-second stamps repeat a lot: so many are kept parsed. */
const KEPT = 4096;

/** `known`: names of the clocks that the history has met already, by their number. */
export function createStamps(sink: EntrySink, known: readonly string[] = []): Stamps {
  const parsed = new Map<string, number | undefined>();
  const clocks = new Map(known.map((name, c) => [name, c]));
  return {
    secondsOf(text) {
      if (!text) return undefined;
      const before = parsed.get(text);
      if (before !== undefined) return before;
      const unixUs = parseRfc3339(text);
      const seconds = unixUs === undefined ? undefined : Math.floor(unixUs / 1e6);
      if (parsed.size >= KEPT) parsed.clear();
      parsed.set(text, seconds);
      return seconds;
    },
    clockOf(name) {
      const met = clocks.get(name);
      if (met !== undefined) return met;
      const c = clocks.size;
      clocks.set(name, c);
      sink.write({ e: 'clock', c, name });
      return c;
    },
  };
}
