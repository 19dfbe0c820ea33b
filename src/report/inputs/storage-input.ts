/**
 * Storage used, by the arm whose wave made it grow. A wave counts for an arm only where it cloned
 * for that arm alone; what grew between steps (golden images, clean-up) counts for none.
 */

import { dimensionKey } from '../../analyse/spans.ts';
import type { StorageUse } from '../../analyse/storage-use.ts';
import type { Summary } from '../../analyse/summary.ts';
import { toSeconds } from '../../core/duration.ts';
import type { Run } from '../../record/run.ts';
import type { StorageArm, StorageInput } from '../figures/storage.ts';
import type { RunSeries } from './series-of-run.ts';

export function makeStorageInput(
  run: Run,
  { storage }: Summary,
  all: readonly RunSeries[],
): StorageInput {
  const mixed = new Set(storage.filter(({ isMixed }) => isMixed).map(getKey));
  const usages = run.usage.toSorted((a, b) => a.t - b.t);
  return {
    arms: listArms(run, all).map(({ one, arm }) => ({
      ...arm,
      isMixed: mixed.has(getKey({ dimensions: one.dimensions })),
    })),
    overTime: usages.map(({ t, usedBytes }) => ({ atS: toSeconds(t), usedBytes })),
    begun: countBegun(run),
    totalBytes: usages.at(-1)?.totalBytes,
  };
}

function getKey({ dimensions }: Pick<StorageUse, 'dimensions'>): string {
  return dimensionKey(dimensions);
}

/** Starts of the steps, without those that go on with the same kind of work. */
function countBegun({ steps }: Run): StorageInput['begun'] {
  return steps
    .filter(({ kind }, i) => kind !== 'image' && kind !== steps[i - 1]?.kind)
    .map(({ kind, startUs }) => ({ atS: toSeconds(startUs), what: kind }));
}

interface Owner {
  readonly one: RunSeries;
  readonly size: number;
}

function listArms(run: Run, all: readonly RunSeries[]) {
  const owners = indexOwners(all);
  const points = new Map<RunSeries, { objects: number; grownBytes: number }[]>();
  let beforeBytes: number | undefined;
  for (const { s, w, usedBytes } of run.usage) {
    const owner = owners.get(`${s}/${w ?? ''}`);
    if (owner !== undefined && beforeBytes !== undefined) {
      const rows = points.get(owner.one) ?? [];
      const last = rows.at(-1) ?? { objects: 0, grownBytes: 0 };
      rows.push({
        objects: last.objects + owner.size,
        grownBytes: last.grownBytes + usedBytes - beforeBytes,
      });
      points.set(owner.one, rows);
    }
    beforeBytes = usedBytes;
  }
  return [...points].map(([one, rows]) => {
    const { label: own, noun, identity } = one.series;
    const label = one.role === 'deploy' ? `${own} deploy` : own;
    const arm: Omit<StorageArm, 'isMixed'> = { label, noun, identity, points: rows };
    return { one, arm };
  });
}

/** Waves that cloned for one arm only; deploys count only where no step just clones. */
function indexOwners(all: readonly RunSeries[]): Map<string, Owner> {
  const owners = new Map<string, Owner | undefined>();
  const role = all.some((one) => one.role === 'clone') ? 'clone' : 'deploy';
  for (const one of all.filter((each) => each.role === role && each.metric === 'clone')) {
    one.waveIndices.forEach((index, i) => {
      const key = `${one.step.index}/${index}`;
      const size = one.spans[i]?.length ?? 0;
      owners.set(key, owners.has(key) ? undefined : { one, size });
    });
  }
  return new Map(
    [...owners].flatMap(([key, owner]) => (owner === undefined ? [] : [[key, owner]])),
  );
}
