/**
 * What clones cost in storage: how the pool grew over the waves of each step and variant.
 * Flattening goes on after a wave, so some of one wave's growth shows in the next; only sums over
 * many waves tell.
 */

import { SECOND } from '../core/duration.ts';
import type { UsageEntry } from '../record/entry.ts';
import type { Run } from '../record/run.ts';
import type { Dimensions } from './span.ts';
import { dimensionKey, type Measured } from './spans.ts';

export interface StorageUse {
  readonly dimensions: Dimensions;
  readonly operations: number;
  /** Growth of the bytes used, summed over the waves; may be negative. */
  readonly grownBytes: number;
  /** After the last wave. */
  readonly usedBytes: number;
  /**
   * Background work of another arm or step (flattening that clones of a PVC left, deletions) may
   * have been under way: what this one itself took is then not known.
   */
  readonly isMixed?: true;
}

/** The pool as a whole, in raw bytes: with their replicas, as Ceph counts them. */
export interface PoolUse {
  /** When it was looked at last. */
  readonly usedBytes: number;
  readonly mostUsedBytes: number;
  readonly totalBytes?: number;
}

export function poolUse({ usage }: Run): PoolUse {
  const last = usage.at(-1);
  const totalBytes = usage.findLast((entry) => entry.totalBytes !== undefined)?.totalBytes;
  return {
    usedBytes: last?.usedBytes ?? 0,
    mostUsedBytes: usage.reduce((most, { usedBytes }) => Math.max(most, usedBytes), 0),
    ...(totalBytes === undefined ? {} : { totalBytes }),
  };
}

/** Storage growth by step and variant, for steps whose pool was looked at. */
export function storageUse(run: Run, measured: readonly Measured[]): readonly StorageUse[] {
  const filings = waveFilings(measured);
  const rows = new Map<string, { -readonly [K in keyof StorageUse]: StorageUse[K] }>();
  let before: UsageEntry | undefined;
  let background: string | undefined;
  for (const usage of run.usage) {
    if (before !== undefined && isQuiet(before, usage)) background = undefined;
    const isShrunk = before !== undefined && usage.usedBytes < before.usedBytes;
    const filing = filings.get(`${usage.s}/${usage.w ?? ''}`);
    if (filing !== undefined && before !== undefined) {
      const { dimensions, operations } = filing;
      const key = `${usage.s}/${dimensionKey(dimensions)}`;
      const row = rows.get(key) ?? { dimensions, operations: 0, grownBytes: 0, usedBytes: 0 };
      row.operations += operations;
      row.grownBytes += usage.usedBytes - before.usedBytes;
      row.usedBytes = usage.usedBytes;
      if (background !== undefined && background !== key) row.isMixed = true;
      rows.set(key, row);
      if (dimensions.source === 'pvc') background = key;
    }
    if (isShrunk) background = DELETION;
    before = usage;
  }
  return [...rows.values()];
}

const DELETION = 'deletion';

/** Long enough for background work to show. */
const QUIET_US = 10 * SECOND;

function isQuiet(before: UsageEntry, now: UsageEntry): boolean {
  return now.usedBytes === before.usedBytes && now.t - before.t >= QUIET_US;
}

interface Filing {
  dimensions: Dimensions;
  operations: number;
}

/** What each wave's growth is filed under: variants only where the wave has just one. */
function waveFilings(measured: readonly Measured[]): Map<string, Filing> {
  const filings = new Map<string, Filing>();
  for (const { operation, subjects } of measured) {
    const { image, source } = subjects.variant;
    const own = {
      step: subjects.step.name,
      ...(image === undefined ? {} : { image }),
      ...(source === undefined ? {} : { source }),
    };
    const key = `${operation.step}/${operation.wave}`;
    const filing = filings.get(key);
    if (filing === undefined) filings.set(key, { dimensions: own, operations: 1 });
    else {
      filing.operations += 1;
      if (dimensionKey(filing.dimensions) !== dimensionKey(own)) {
        filing.dimensions = { step: subjects.step.name };
      }
    }
  }
  return filings;
}
