/** Performs a plan on the toy cluster and collects the history. */

import { createRng } from '../../src/core/rng.ts';
import { drive } from '../../src/drive/drive.ts';
import type { Ending } from '../../src/drive/session.ts';
import type { Lab } from '../../src/drive/lab.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { Entry } from '../../src/record/entry.ts';
import { collectEntries } from '../support/collect-entries.ts';
import type { ToyCluster } from '../support/toy-cluster.ts';

export interface Played {
  readonly ending: Ending;
  readonly entries: readonly Entry[];
}

export async function play(toy: ToyCluster, plan: Plan, lab: Partial<Lab> = {}): Promise<Played> {
  const sink = collectEntries();
  const { kernel: clock, transport } = toy;
  const setting: Lab = { clock, transport, rng: createRng(1), sink, ...lab };
  const ending = await clock.run(() => drive(plan, setting));
  return { ending, entries: sink.entries };
}

/** The entries of one sort, in order. */
export function pick<E extends Entry['e']>(
  entries: readonly Entry[],
  e: E,
): (Entry & { readonly e: E })[] {
  return entries.filter((entry): entry is Entry & { readonly e: E } => entry.e === e);
}
