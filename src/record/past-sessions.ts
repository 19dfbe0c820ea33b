/** Where a history stands: how far its run has come in time, for a session that goes on with it. */

import type { AnchorEntry, EndEntry, Entry } from './entry.ts';

/** Reason of a miss that is the harness's own doing. */
export const INTERRUPTED = 'Interrupted';

/** Cause of a gap from the end of one session to the lists of the next. */
export const OUTAGE = 'outage';

export interface PastSessions {
  /** How many there were; before the first has begun, nothing was sent. */
  readonly sessions: number;
  /** Without one nobody can make figures of the history. */
  readonly hasHeader: boolean;
  /** Run time of their last entry. */
  readonly lastUs: number;
  /** Run time now, by the wall clock that has gone on meanwhile. */
  readonly elapsedUs: number;
  /** The end of the last session; absent where it was killed. */
  readonly end: EndEntry | undefined;
  /** Operations sent, and of them those that an interruption cut off. */
  readonly sent: number;
  readonly cutOff: number;
  /** The run's own field manager; absent in histories of before there was one. */
  readonly maker: string | undefined;
  entries(): Iterable<Entry>;
}

/** `wallUs`: Unix microseconds now. */
export function pastSessions(entries: () => Iterable<Entry>, wallUs: number): PastSessions {
  const sent = new Set<number>();
  const cutOff = new Set<number>();
  let anchor: AnchorEntry | undefined;
  let end: EndEntry | undefined;
  let sessions = 0;
  let lastUs = 0;
  let maker: string | undefined;
  let hasHeader = false;
  for (const entry of entries()) {
    if ('t' in entry) lastUs = Math.max(lastUs, entry.t);
    if (entry.e === 'end') end = entry;
    if (entry.e === 'header') [hasHeader, maker] = [true, entry.maker];
    if (entry.e === 'send') sent.add(entry.p);
    if (entry.e === 'miss' && entry.reason === INTERRUPTED) cutOff.add(entry.p);
    if (entry.e !== 'anchor') continue;
    anchor = entry;
    end = undefined;
    sessions += 1;
    cutOff.clear();
  }
  const sinceUs = anchor === undefined ? 0 : anchor.t + (wallUs - anchor.wall);
  // A wall clock that was set back must not make the run's time go backwards.
  const elapsedUs = Math.max(lastUs + 1, sinceUs);
  const counts = { sessions, sent: sent.size, cutOff: cutOff.size };
  return { ...counts, hasHeader, lastUs, elapsedUs, end, maker, entries };
}
