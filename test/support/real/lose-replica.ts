/**
 * One of several virt-api is killed while a wave starts, and comes back: nothing may be missed, and
 * what is reported is what another watch saw.
 */

import type { KubeObject } from '../../../src/api/object.ts';
import { VMIS, type Resource } from '../../../src/api/resources.ts';
import { spansByOperation, measuredOperations } from '../../../src/analyse/spans.ts';
import { narrowed } from '../../../src/analyse/narrowing/narrowed-run.ts';
import { SECOND } from '../../../src/core/duration.ts';
import { createRng } from '../../../src/core/rng.ts';
import { systemClock } from '../../../src/core/system-clock.ts';
import { startInformer } from '../../../src/kube/informer.ts';
import { readRun } from '../../../src/record/reader.ts';
import { join } from 'node:path';
import { createTruth, type GroundTruth } from '../truth/ground-truth.ts';
import type { Arm } from './arm.ts';
import { findRun, runBench, scenarioOf } from './run-bench.ts';

/** Two watches of one machine see the same event so far apart, when it is busy. */
const APART_US = SECOND;

const STEPS = `  - deploy: { template: rhel9, count: 20, wave: { size: 20 } }
  - boot: { template: rhel9, wave: { size: 20, until: guestReady } }
  - stop: { template: rhel9, wave: { size: 20 } }
  - boot: { template: rhel9, wave: { size: 20, until: guestReady } }
`;

export async function loseReplica(arm: Arm): Promise<readonly string[]> {
  const [victim] = arm.virtApis;
  if (victim === undefined || arm.virtApis.length < 2) return ['there is one virt-api'];
  const clock = systemClock();
  const watched = watchTruth(arm);
  await watched.synced;
  const dying = watched.first.then(async () => {
    await clock.sleep(SECOND);
    await victim.kill();
    await clock.sleep(5 * SECOND);
    victim.restart();
  });
  const faults = await runBench(arm, 'replicas', scenarioOf(arm, 'replicas', STEPS));
  const never = clock.sleep(SECOND).then(() => 'never' as const);
  const died = await Promise.race([dying, never]);
  watched.stop();
  if (died === 'never') return [...faults, 'no VM was started'];
  return [...faults, ...lies(arm, watched.truth)];
}

function watchTruth(arm: Arm) {
  const clock = systemClock();
  const truth = createTruth();
  let begin = () => {};
  const first = new Promise<void>((resolve) => (begin = resolve));
  const informer = startInformer({
    client: arm.plane.client,
    clock,
    rng: createRng(1),
    resource: VMIS as Resource<KubeObject>,
  });
  informer.onChange((now, before) => {
    const object = (now ?? before) as KubeObject;
    const named = { ...object, kind: 'VirtualMachineInstance' };
    truth.see(named, now === undefined ? 'DELETED' : 'MODIFIED', clock.nowUs());
    begin();
  });
  return { truth, first, synced: informer.synced, stop: () => informer.stop() };
}

/** Spans of instances that another watch saw otherwise, and instances that no span tells of. */
function lies(arm: Arm, truth: GroundTruth): readonly string[] {
  const folder = findRun(join(arm.folder, 'results'), 'replicas');
  if (folder === undefined) return ['no history'];
  const run = narrowed(readRun(join(folder, 'history.ndjson')));
  const told = new Set<string>();
  const faults: string[] = [];
  for (const spans of spansByOperation(run, measuredOperations(run))) {
    for (const { metric, outcome, object, operation } of spans) {
      if (metric !== 'vmiRunning' && metric !== 'guestReady') continue;
      const uid = object === undefined ? undefined : run.objects.uidOf(object);
      const known = truth.objects.get(uid ?? '');
      const mark = known?.marks.get(metric === 'guestReady' ? 'guestReady' : 'instanceRunning');
      if (outcome.state !== 'reached' || known === undefined || mark === undefined) {
        faults.push(`${operation.name}: ${metric} ${outcome.state}, truly ${mark}`);
        continue;
      }
      told.add(uid ?? '');
      const trueUs = mark - known.createdUs;
      if (trueUs < outcome.lo - APART_US || trueUs > outcome.hi + APART_US) {
        faults.push(`${operation.name}: ${metric} ${outcome.lo}-${outcome.hi} us, truly ${trueUs}`);
      }
    }
  }
  const untold = [...truth.objects].filter(([uid]) => !told.has(uid));
  return [
    ...faults,
    ...untold.map(([, { name }]) => `an instance of ${name} that no span tells of`),
  ];
}
