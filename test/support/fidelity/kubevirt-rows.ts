/** One VM's life beside the recorded one: how many watch events each kind gave, and how large. */

import type { VirtualMachine } from '../../../src/api/compute.ts';
import recorded from '../../fixtures/kubevirt-one-vm.json' with { type: 'json' };
import { eventBytes, type Life, type LifeEvent, type LifeKind, runLife } from './kubevirt-life.ts';
import type { Row } from './table.ts';

const KINDS = ['VirtualMachine', 'VirtualMachineInstance', 'Pod'] as const;

export async function compareLife(seed = 1): Promise<readonly Row[]> {
  return lifeRows(await runLife(undefined, seed));
}

export function lifeRows({ events }: Life): readonly Row[] {
  return KINDS.flatMap((kind) => {
    const { events: count, kilobytes } = recorded.watchedWithManagers[kind];
    const mine = comparable(events, kind);
    const bytes = mine.reduce((sum, event) => sum + eventBytes(event), 0);
    const row = (what: string, real: number, simulated: number): Row => ({
      wave: 'one VM',
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
