/**
 * The clocks behind the server's stamps, as a run's summary states them: offset +- half-width, and
 * which of them nobody should rely on. Headline figures rest on none of them.
 */

import { formatDuration, MILLISECOND, MINUTE, SECOND, toSeconds } from '../../core/duration.ts';
import type { Run } from '../../record/run.ts';
import { type OffsetCurve, offsetCurves, type OffsetNode } from './offset-curve.ts';

/** Seconds. */
export interface ClockOffset {
  readonly clock: string;
  /** Clock minus ours at the end of the run: the middle of what the bounds leave. */
  readonly offset: number;
  readonly halfWidth: number;
  /** How fast the offset changes, where a long run shows it: parts per million. */
  readonly driftPpm?: number;
  /** Times at which the bounds before and after excluded each other. */
  readonly steps: number;
  /** Why its stamps deserve no trust; absent where they do. */
  readonly suspect?: string;
}

/** One of each clock that was bounded, by name. */
export function clockOffsets(run: Run): readonly ClockOffset[] {
  return [...offsetCurves(run.offsets)]
    .map(([clock, curve]) => clockOffset(clock, curve))
    .sort((a, b) => (a.clock < b.clock ? -1 : 1));
}

const HALF_WIDTH_MAX_US = 250 * MILLISECOND;
/** Stamps are whole seconds: what is further off moves them by one. */
const OFFSET_MAX_US = SECOND;
const DRIFT_SPAN_US = 10 * MINUTE;

function clockOffset(clock: string, { segments }: OffsetCurve): ClockOffset {
  const last = segments.at(-1)?.at(-1) as OffsetNode;
  const offsetUs = middle(last);
  const halfWidthUs = (last.hi - last.lo) / 2;
  const steps = segments.length - 1;
  const driftPpm = drift(segments.at(-1) ?? []);
  const suspect = suspicion(offsetUs, halfWidthUs, steps);
  return {
    clock,
    offset: toSeconds(offsetUs),
    halfWidth: toSeconds(halfWidthUs),
    ...(driftPpm === undefined ? {} : { driftPpm }),
    steps,
    ...(suspect === undefined ? {} : { suspect }),
  };
}

function suspicion(offsetUs: number, halfWidthUs: number, steps: number): string | undefined {
  if (steps > 0) return steps === 1 ? 'stepped during the run' : `stepped ${steps} times`;
  if (halfWidthUs > HALF_WIDTH_MAX_US) {
    return `known only to +-${formatDuration(Math.round(halfWidthUs))}`;
  }
  if (Math.abs(offsetUs) > OFFSET_MAX_US) {
    const side = offsetUs > 0 ? 'ahead' : 'behind';
    return `${formatDuration(Math.round(Math.abs(offsetUs)))} ${side}`;
  }
  return undefined;
}

/** From the first to the last bounds; undefined where these do not tell it from none. */
function drift(segment: readonly OffsetNode[]): number | undefined {
  const [first, last] = [segment[0], segment.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const spanUs = last.atUs - first.atUs;
  const changeUs = middle(last) - middle(first);
  const doubtUs = (last.hi - last.lo + first.hi - first.lo) / 2;
  if (spanUs < DRIFT_SPAN_US || Math.abs(changeUs) <= doubtUs) return undefined;
  return (changeUs / spanUs) * 1e6;
}

function middle({ lo, hi }: OffsetNode): number {
  return (lo + hi) / 2;
}
