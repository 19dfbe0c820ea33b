/** Where a history stands: how far its run has come in time, for a session that goes on with it. */

import type { AnchorEntry, EndEntry, Entry } from './entry.ts';

export interface PastSessions {
  /** How many there were. */
  readonly sessions: number;
  /** Run time of their last entry. */
  readonly lastUs: number;
  /** Run time now, by the wall clock that has gone on meanwhile. */
  readonly elapsedUs: number;
  /** The end of the last session; absent where it was killed. */
  readonly end: EndEntry | undefined;
  entries(): Iterable<Entry>;
}

/** `wallUs`: Unix microseconds now. What has no anchor has no session. */
export function pastSessions(entries: () => Iterable<Entry>, wallUs: number): PastSessions {
  let anchor: AnchorEntry | undefined;
  let end: EndEntry | undefined;
  let sessions = 0;
  let lastUs = 0;
  for (const entry of entries()) {
    if ('t' in entry) lastUs = Math.max(lastUs, entry.t);
    if (entry.e === 'end') end = entry;
    if (entry.e !== 'anchor') continue;
    anchor = entry;
    end = undefined;
    sessions += 1;
  }
  const sinceUs = anchor === undefined ? 0 : anchor.t + (wallUs - anchor.wall);
  // A wall clock that was set back must not make the run's time go backwards.
  return { sessions, lastUs, elapsedUs: Math.max(lastUs + 1, sinceUs), end, entries };
}
