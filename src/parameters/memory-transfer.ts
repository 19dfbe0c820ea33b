/**
 * How long the memory of a running guest takes to another host: pre-copy, round by round. Each
 * round sends what the guest wrote during the one before, until the rest goes across within the
 * downtime that is allowed, while the guest stands still (QEMU docs/devel/migration).
 */

import { SECOND } from '../core/duration.ts';
import type { Parameters } from './parameters.ts';

export interface Transfer {
  /** Pages that are not zero. */
  readonly residentBytes: number;
  /** Bytes a second. */
  readonly bandwidth: number;
  readonly dirtyRate: number;
  readonly downtimeUs: number;
}

/** Microseconds; undefined where the guest writes faster than it can be copied: it never ends. */
export function transferUs(transfer: Transfer): number | undefined {
  const { residentBytes, bandwidth, dirtyRate, downtimeUs } = transfer;
  if (dirtyRate >= bandwidth) return undefined;
  let left = residentBytes;
  let us = 0;
  for (;;) {
    const roundUs = (left / bandwidth) * SECOND;
    us += roundUs;
    if (roundUs <= downtimeUs) return Math.round(us);
    left = Math.min(residentBytes, (roundUs / SECOND) * dirtyRate);
  }
}

/** The whole move of a guest with so much memory, as long as it is idle; undefined as above. */
export function moveUs(
  memoryBytes: number,
  migration: Parameters['migration'],
): number | undefined {
  const us = transferUs({
    residentBytes: memoryBytes * migration.residentShare,
    bandwidth: migration.bandwidth,
    dirtyRate: migration.dirtyRate,
    downtimeUs: migration.downtimeLimitUs,
  });
  return us === undefined ? undefined : us + migration.setupTimeUs;
}
