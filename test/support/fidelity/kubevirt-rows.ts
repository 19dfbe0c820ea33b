/** One VM's life beside the recorded one: how many watch events each kind gave, and how large. */

import type { VirtualMachine } from '../../../src/api/compute.ts';
import type { Release } from '../../../src/parameters/release.ts';
import ofFirst from '../../fixtures/kubevirt-one-vm.json' with { type: 'json' };
import ofHead from '../../fixtures/kubevirt-one-vm-main.json' with { type: 'json' };
import { eventBytes, type Life, type LifeEvent, type LifeKind, runLife } from './kubevirt-life.ts';
import type { Row } from './table.ts';

const KINDS = ['VirtualMachine', 'VirtualMachineInstance', 'Pod'] as const;

/** By the release that the simulated one behaves like. */
export const RECORDED = {
  'ocp-4.15': ofFirst,
  'upstream-2026-08': ofHead,
} satisfies Readonly<Record<Release, unknown>>;

/** Which of two controllers is first makes an event more or less: the middle one of a few lives. */
const LIVES = 5;

export async function compareLife(release: Release, seed = 1): Promise<readonly Row[]> {
  const lives: (readonly Row[])[] = [];
  for (let i = 0; i < LIVES; i++) lives.push(lifeRows(await runLife(release, seed + i), release));
  const [first = []] = lives;
  return first.map((row, i) => {
    const values = lives.map((own) => own[i]?.simulated ?? Number.NaN).sort((a, b) => a - b);
    return { ...row, simulated: values[Math.floor(LIVES / 2)] ?? Number.NaN };
  });
}

function lifeRows({ events }: Life, release: Release): readonly Row[] {
  return KINDS.flatMap((kind) => {
    const { events: count, kilobytes } = RECORDED[release].watchedWithManagers[kind];
    const mine = comparable(events, kind);
    const bytes = mine.reduce((sum, event) => sum + eventBytes(event), 0);
    const row = (what: string, real: number, simulated: number): Row => ({
      wave: release === 'ocp-4.15' ? 'one VM' : 'one VM, main',
      what: `${kind} ${what}`,
      real,
      simulated,
      allowed: real * 0.1,
    });
    return [
      row('watch events', count, mine.length),
      row('watch events, kB', kilobytes, bytes / 1000),
    ];
  });
}

/**
 * Without the end of the watch, which was not recorded, and without a DataVolume's passing error:
 * whether a disk shows one is a matter of which news comes first, and the recorded disk showed
 * none.
 */
function comparable(events: readonly LifeEvent[], kind: LifeKind): readonly LifeEvent[] {
  const kept = events.filter((event) => event.kind === kind && event.type !== 'DELETED');
  return kept.filter(({ object }, i) => {
    const before = kept[i - 1];
    return !(before && showsError(object) !== showsError(before.object));
  });
}

function showsError(object: LifeEvent['object']): boolean {
  const { status } = object as VirtualMachine;
  return status?.printableStatus === 'DataVolumeError';
}
