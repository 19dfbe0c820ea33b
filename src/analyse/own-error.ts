/**
 * The harness's own part in the figures, from its history: how late it sent, and how late the watch
 * told of what it had created itself.
 */

import { toSeconds } from '../core/duration.ts';
import type { Run } from '../record/run.ts';
import type { Measured } from './spans.ts';
import { ascending, quantileSorted } from './statistics/quantile.ts';

/** Seconds. */
export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Intended start to sending; `measured` must not be empty. */
export function sendLag(measured: readonly Measured[]): Spread {
  return computeSpread(
    measured.map(({ operation: { sentUs, intendedUs } }) => Math.max(0, sentUs - intendedUs)),
  );
}

/**
 * How long after the answer to its creation each object was seen: the answer comes after the
 * commit, so the watch was at least so late. Undefined where nothing was both created and seen.
 */
export function watchDelay({ operations, objects }: Run): Spread | undefined {
  const delaysUs = operations.flatMap(({ verb, ack }) => {
    if (verb !== 'create' || ack?.uid === undefined || ack.tries > 1) return [];
    const object = objects.withUid(ack.uid);
    return object === undefined ? [] : [Math.max(0, objects.seen(object).atUs - ack.atUs)];
  });
  return delaysUs.length === 0 ? undefined : computeSpread(delaysUs);
}

function computeSpread(valuesUs: readonly number[]): Spread {
  const sorted = ascending(valuesUs);
  const at = (q: number) => toSeconds(quantileSorted(sorted, q, 1));
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
