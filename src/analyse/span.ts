/**
 * A span: from one recorded moment of one object to another, and how it ended. A sighting may be
 * late, after a watch gap. Such a span is known to an interval, whose ends come from the latest
 * time at which each of its two moments had surely not happened.
 */

import type { Metric } from '../catalogue/metrics.ts';
import type { Sighting } from '../record/object-table.ts';
import type { Operation } from '../record/run.ts';
import type { Observation } from './statistics/observation.ts';

/** What a value is filed under. */
export interface Dimensions {
  readonly step: string;
  readonly image?: string;
  readonly source?: string;
  readonly template?: string;
  /** How CDI made a clone, where that is not what its source asks for; absent otherwise. */
  readonly path?: string;
  /** One of what the step waits for one after the other. */
  readonly stage?: string;
}

/** Times in microseconds. */
export interface Span {
  readonly metric: Metric;
  readonly dimensions: Dimensions;
  readonly operation: Operation;
  /** Undefined where the object never appeared: the span then runs from the intended start. */
  readonly object: number | undefined;
  readonly outcome: Observation;
}

/** What ends a span that is not reached. */
export interface Ending {
  readonly how: 'failed' | 'censored';
  /** The deadline, or the end of looking. */
  readonly atUs: number;
  /** Until then it was not reached for sure: the object may have been gone before the deadline. */
  readonly knownUs: number;
}

/** A moment known exactly. */
export function momentAt(atUs: number): Sighting {
  return { atUs, afterUs: atUs };
}

/** The last of several moments; undefined where one of them is missing. */
export function pickLatest(moments: readonly (Sighting | undefined)[]): Sighting | undefined {
  let last: Sighting | undefined;
  for (const moment of moments) {
    if (moment === undefined) return undefined;
    last = {
      atUs: Math.max(last?.atUs ?? 0, moment.atUs),
      afterUs: Math.max(last?.afterUs ?? 0, moment.afterUs),
    };
  }
  return last;
}

/**
 * How the span from `from` to `to` went, microseconds. Who is looked at no longer than until
 * `ending` cannot be reached after it: that would make the deadline depend on luck.
 */
export function observeSpan(from: Sighting, to: Sighting | undefined, ending: Ending): Observation {
  if (to !== undefined && isWithin(to, ending)) {
    return {
      state: 'reached',
      lo: Math.max(0, to.afterUs - from.atUs),
      hi: Math.max(0, to.atUs - from.afterUs),
    };
  }
  if (ending.how === 'failed') return { state: 'failed' };
  return { state: 'censored', at: Math.max(0, ending.knownUs - from.atUs) };
}

/** A sighting that came late still counts, if what was seen may have happened in time. */
function isWithin({ atUs, afterUs }: Sighting, ending: Ending): boolean {
  return atUs <= ending.atUs || afterUs < ending.atUs;
}
