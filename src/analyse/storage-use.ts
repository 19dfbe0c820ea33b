/**
 * What clones cost in storage: how the pool grew over the waves of each step and variant. What a
 * reader would get wrong: flattening goes on after a wave, so some of one wave's growth shows in
 * the next; only sums over many waves tell.
 */

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
  for (const usage of run.usage) {
    const filing = filings.get(`${usage.s}/${usage.w ?? ''}`);
    if (filing !== undefined && before !== undefined) {
      const { dimensions, operations } = filing;
      const key = `${usage.s}/${dimensionKey(dimensions)}`;
      const row = rows.get(key) ?? { dimensions, operations: 0, grownBytes: 0, usedBytes: 0 };
      row.operations += operations;
      row.grownBytes += usage.usedBytes - before.usedBytes;
      row.usedBytes = usage.usedBytes;
      rows.set(key, row);
    }
    before = usage;
  }
  return [...rows.values()];
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
