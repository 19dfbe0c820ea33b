/**
 * What each step of a plan takes by the constants of the simulated cluster, in the form in which
 * measured waves are given. Arithmetic: each operation of a wave passes the stations of its kind
 * (boots.ts, volumes.ts), and the wave is over with its last. What is done to objects of any kind
 * is reckoned where it is known what follows; of other steps nothing is said.
 */

import { SECOND, toSeconds } from '../../core/duration.ts';
import type { Parameters } from '../../parameters/parameters.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import type { MeasuredStep, MeasuredWave } from '../duration.ts';
import type { Plan, PlannedOperation, PlannedWave, WaveStep } from '../plan.ts';
import { stepGroups } from '../groups.ts';
import { createInventory, type Inventory } from './inventory.ts';
import { fences } from './machines.ts';
import { createModel, type Model } from './model.ts';
import { operationsDone } from './operations.ts';
import type { Times } from './stations.ts';
import { volumesGone } from './volumes.ts';

/** Whether the arithmetic is about such a cluster: one that has Ceph when the run begins. */
export function isReckoned({ simulation }: Scenario): boolean {
  return simulation.storage === 'rbd' && !simulation.isBare;
}

/** By the index of the step; steps of which nothing is known are left out. */
export function expectSteps(
  plan: Plan,
  scenario: Scenario,
  parameters: Parameters,
): ReadonlyMap<number, MeasuredStep> {
  const model = createModel(parameters);
  const inventory = createInventory(scenario, model);
  const steps = new Map<number, MeasuredStep>();
  for (const group of stepGroups(plan.steps)) {
    // Since the group's beginning, by name.
    const ends = new Map<string, number>();
    for (const step of group) {
      if (step.kind === 'pause') {
        inventory.pass(step.durationUs);
        continue;
      }
      const expected = expectStep(step, inventory, model);
      if (expected === undefined) continue;
      steps.set(step.index, expected);
      const beginUs = step.pacing.loop === 'after' ? ends.get(step.pacing.step) : 0;
      const us = expected.waves.reduce((sum, { seconds }) => sum + seconds * SECOND, 0);
      if (beginUs === undefined) continue;
      ends.set(step.name, beginUs + us);
      const outage = inventory.machines.outage();
      const isFence = step.waves.some(({ operations }) => operations.some(fences));
      if (outage !== undefined && isFence) outage.fencedUs = beginUs + us;
    }
  }
  return steps;
}

type Operations = readonly PlannedOperation[];

function expectStep(step: WaveStep, inventory: Inventory, model: Model): MeasuredStep | undefined {
  const waves: MeasuredWave[] = [];
  const alone = new Map<string, number | undefined>();
  for (const { operations } of wavesOf(step, inventory)) {
    const shape = shapeOf(operations, inventory);
    if (!alone.has(shape)) alone.set(shape, aloneUs(step, operations, inventory, model));
    const us = alone.get(shape);
    if (us === undefined) return undefined;
    const takesUs = inventory.wave(step, operations, us);
    waves.push({ operations: operations.length, seconds: toSeconds(takesUs) });
    if (step.pacing.loop === 'closed') inventory.pass(step.pacing.pauseUs);
  }
  if (waves.length === 0) return undefined;
  const { kind, name } = step;
  return { kind, name, waves, cleanupSeconds: cleanupSeconds(step, inventory, model) };
}

/** Of what a step finds when it begins: what it will find. */
function wavesOf({ waves, select }: WaveStep, { machines }: Inventory): readonly PlannedWave[] {
  if (select === undefined) return waves;
  const places = machines.find(select);
  return places === undefined ? [] : select.waves(places);
}

/** Waves of a step that look the same take the same by themselves. */
function shapeOf(operations: Operations, inventory: Inventory): string {
  const own = ({ variant, offsetUs, name }: PlannedOperation) =>
    `${variant} ${offsetUs} ${inventory.runs(name)}`;
  return operations.map(own).join();
}

/** From its release until the next may come; undefined where nothing is known of it. */
function aloneUs(
  step: WaveStep,
  operations: Operations,
  inventory: Inventory,
  model: Model,
): number | undefined {
  const most = step.inFlightMax ?? operations.length;
  let us = 0;
  for (let i = 0; i < operations.length; i += most) {
    const together = operations.slice(i, i + most);
    const done = operationsDone(step, together, inventory, model);
    if (done === undefined) return undefined;
    us += ofShare(done, step);
  }
  return us;
}

/** The moment at which so much of a wave is over that the next may come. */
function ofShare(done: Times, { pacing }: WaveStep): number {
  const share = pacing.loop === 'closed' ? pacing.share : 1;
  const rank = Math.max(1, Math.ceil(share * done.length));
  return done[rank - 1] ?? 0;
}

/** Of what the step made, for each of its operations; undefined where it cleans up nothing. */
function cleanupSeconds(step: WaveStep, inventory: Inventory, model: Model): number | undefined {
  if (!step.cleanup) return undefined;
  const operations = step.waves.flatMap((wave) => wave.operations);
  const [first] = operations;
  if (first === undefined) return undefined;
  const gone = volumesGone(
    operations.map(() => 0),
    Math.max(1, first.disks),
    model,
  );
  const us = gone.at(-1) ?? 0;
  inventory.pass(us);
  return toSeconds(us) / operations.length;
}
