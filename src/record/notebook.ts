/**
 * What a running measurement writes into: entries with times since the run's start. The clock of
 * the harness has its own origin; the one place that subtracts it is here.
 */

import type { Clock } from '../core/clock.ts';
import type { Entry } from './entry.ts';

export interface EntrySink {
  write(entry: Entry): void;
  /** Brings what was written so far to safety. */
  flush(): void;
}

export interface Notebook extends EntrySink {
  /** The run's start, by the harness's clock. */
  readonly originUs: number;
  /** Microseconds since the run's start. */
  nowUs(): number;
  /** The same of a reading of the harness's clock. */
  sinceStartUs(clockUs: number): number;
}

/** A notebook whose time is `elapsedUs` now: 0 for a new run, later for a resumed one. */
export function openNotebook(sink: EntrySink, clock: Clock, elapsedUs = 0): Notebook {
  return notebookFrom(sink, clock, clock.nowUs() - elapsedUs);
}

/** A notebook of a run that started at `originUs` of the clock. */
export function notebookFrom(sink: EntrySink, clock: Clock, originUs: number): Notebook {
  return {
    originUs,
    nowUs: () => clock.nowUs() - originUs,
    sinceStartUs: (clockUs) => clockUs - originUs,
    write: (entry) => sink.write(entry),
    flush: () => sink.flush(),
  };
}
