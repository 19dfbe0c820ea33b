/** The smoke run killed by SIGKILL at three moments of what it does, and gone on with. */

import { join } from 'node:path';
import { DATA_VOLUMES, type Resource, VIRTUAL_MACHINES, VMIS } from '../../../src/api/resources.ts';
import { findAll } from '../../../src/cluster/check.ts';
import { MINUTE, SECOND } from '../../../src/core/duration.ts';
import { systemClock } from '../../../src/core/system-clock.ts';
import { RUN_LABEL } from '../../../src/plan/planning.ts';
import { startBench } from '../built-bench.ts';
import { ROOT } from '../sources.ts';
import type { Arm } from './arm.ts';
import { exitFault } from './run-bench.ts';

/** As soon as there are so many objects: a busy machine comes to it later, and to the same. */
const MOMENTS: readonly { readonly name: string; readonly of: Resource; readonly count: number }[] =
  [
    { name: 'import', of: DATA_VOLUMES, count: 1 },
    { name: 'clones', of: DATA_VOLUMES, count: 4 },
    { name: 'boots', of: VMIS, count: 3 },
  ];

const clock = systemClock();

export async function killAndResume(arm: Arm): Promise<readonly string[]> {
  const faults: string[] = [];
  const results = join(arm.folder, 'results');
  const to = [`--kubeconfig=${arm.plane.kubeconfig}`, `--results=${results}`];
  for (const { name, of, count } of MOMENTS) {
    const id = `killed-${name}`;
    const scenario = join(ROOT, 'scenarios/smoke.yaml');
    const quiet = ['--progress=none', '--no-report'];
    const first = startBench(['run', scenario, ...to, `--run-id=${id}`, ...quiet], arm.folder);
    const there = comes(arm, of, { namespace: `bench-${id}`, count });
    const early = await Promise.race([there, first.done]);
    if (typeof early === 'object') {
      faults.push(...exitFault(early), `${name}: over before it was killed`);
      continue;
    }
    if (!early) faults.push(`${name}: not ${count} of ${of.plural} in ten minutes`);
    first.process.kill('SIGKILL');
    await first.done;
    const second = await startBench(['resume', id, ...to, ...quiet], arm.folder).done;
    // 3: the machine was too busy, and the figures say so.
    if (second.code !== 3) {
      faults.push(...exitFault(second).map((fault) => `killed at ${name}: ${fault}`));
    }
    const left = await findAll(arm.plane.client, VIRTUAL_MACHINES, { labelSelector: RUN_LABEL });
    if (left.length > 0) faults.push(`killed at ${name}: ${left.length} VMs left behind`);
  }
  return faults;
}

async function comes(
  { plane: { client } }: Arm,
  of: Resource,
  { namespace, count }: { readonly namespace: string; readonly count: number },
): Promise<boolean> {
  const untilUs = clock.nowUs() + 10 * MINUTE;
  while (clock.nowUs() < untilUs) {
    const { items } = await client.list(of, { namespace });
    if (items.length >= count) return true;
    await clock.sleep(SECOND / 4);
  }
  return false;
}
