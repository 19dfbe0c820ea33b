/**
 * What a VM took of the pool in a run: raw bytes, deployed and booted. It is what these guests
 * wrote in that run's time, and says nothing of what they write in a year.
 */

import type { Summary } from '../analyse/summary.ts';

/** Undefined where the run deployed nothing, or its pool was not to be seen. */
export function storageBytesPerVm({ steps, storage }: Summary): number | undefined {
  const kinds = new Map(steps.map(({ name, kind }) => [name, kind]));
  const grown = (wanted: 'deploy' | 'boot') => {
    const rows = storage.filter(({ dimensions }) => kinds.get(dimensions.step) === wanted);
    const operations = rows.reduce((sum, row) => sum + row.operations, 0);
    const bytes = rows.reduce((sum, row) => sum + row.grownBytes, 0);
    return operations === 0 ? undefined : bytes / operations;
  };
  const deployed = grown('deploy');
  return deployed === undefined ? undefined : deployed + (grown('boot') ?? 0);
}
