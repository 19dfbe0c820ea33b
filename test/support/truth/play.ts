/** One measurement of the embedded cluster under faults, with the ground truth beside it. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { narrowed } from '../../../src/analyse/narrowing/narrowed-run.ts';
import { makeSimConfig } from '../../../src/cli/target.ts';
import { HOUR, SECOND } from '../../../src/core/duration.ts';
import { createRng } from '../../../src/core/rng.ts';
import { drive } from '../../../src/drive/drive.ts';
import type { Ending } from '../../../src/drive/session.ts';
import { makePlan } from '../../../src/plan/make-plan.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { type Entry, HISTORY_SCHEMA, type HeaderEntry } from '../../../src/record/entry.ts';
import type { Run } from '../../../src/record/run.ts';
import { runBuilder } from '../../../src/record/run-builder.ts';
import { collectEntries } from '../collect-entries.ts';
import { parseScenario } from '../../../src/scenario/parse.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import { createSimulator } from '../../../src/sim/simulator.ts';
import type { FaultCase } from './cases.ts';
import { type GroundTruth, recordTruth } from './ground-truth.ts';
import { startVandal } from './vandal.ts';

export interface Play {
  readonly seed: number;
  readonly plan: Plan;
  readonly entries: readonly Entry[];
  readonly run: Run;
  readonly truth: GroundTruth;
  readonly ending: Ending;
  /** From commit to a watcher whose stream is well, microseconds. */
  readonly watchDelayUs: number;
  /** Faults that happened between clients and server. */
  readonly faultCount: number;
}

export interface PlaySize {
  readonly clones: number;
  readonly vms: number;
}

/** `root` is the project's folder. The same case, seed and size give the same play. */
export async function play(
  root: string,
  faultCase: FaultCase,
  seed: number,
  size: PlaySize,
): Promise<Play> {
  const scenario = truthScenario(root, size);
  const config = makeSimConfig(scenario, seed);
  const { faults } = faultCase;
  const simulator = createSimulator({ ...config, heartbeats: true, ...(faults && { faults }) });
  const truth = recordTruth(simulator);
  const { kernel, transport } = simulator;
  const plan = makePlan(scenario, { runId: 'truth' });
  const sink = collectEntries();
  const header: HeaderEntry = {
    e: 'header',
    schema: HISTORY_SCHEMA,
    run: 'truth',
    scenario: scenario.name,
    target: 'simulated',
    seed,
  };
  if (faultCase.vandal) startVandal(simulator, plan.namespace, createRng(seed).fork('vandal'));
  const ending = await kernel.run(() =>
    drive(plan, {
      clock: kernel,
      rng: createRng(seed).fork('harness'),
      transport,
      sink,
      watch: { timeoutUs: 100 * HOUR },
      ...(faultCase.clocksUnwatched
        ? {}
        : { clocks: { leases: true, everyUs: 20 * SECOND, watchTimeoutUs: 100 * HOUR } }),
    }),
  );
  const builder = runBuilder(header);
  for (const entry of sink.entries) builder.add(entry);
  return {
    seed,
    plan,
    entries: [header, ...sink.entries],
    run: narrowed(builder.build([])),
    truth,
    ending,
    watchDelayUs: config.parameters.api.watchDelayUs,
    faultCount: simulator.faultRecords.length,
  };
}

function truthScenario(root: string, { clones, vms }: PlaySize): Scenario {
  const text = `
name: truth
storage: { class: rbd, snapshotClass: rbd-snap, accessModes: [ReadWriteMany], volumeMode: Block }
images:
  rhel9: { import: { url: "http://images.example/rhel9.qcow2" }, size: 22Gi }
templates:
  rhel9: { file: scenarios/templates/rhel9.yaml }
errorBudget: 100%
steps:
  - clone:
      image: rhel9
      order: interleaved
      count: ${clones}
      wave: { size: ${Math.ceil(clones / 4)}, timeout: 5m }
      cleanup: true
  - deploy: { template: rhel9, count: ${vms}, wave: { size: ${Math.ceil(vms / 2)} } }
  - boot: { template: rhel9, wave: { size: ${Math.ceil(vms / 4)}, timeout: 3m } }
  - stop: { template: rhel9, wave: { size: ${Math.ceil(vms / 2)} } }
  - delete: { template: rhel9, wave: { size: ${Math.ceil(vms / 2)} } }
simulation:
  nodes: { count: 7 }
  images:
    rhel9: { guest: rhel9, data: 1Gi }
`;
  const parsed = parseScenario(text, 'truth.yaml', {
    overrides: [],
    readFile: (file) => ({ text: readFileSync(join(root, file), 'utf8'), file }),
  });
  if (!('scenario' in parsed)) throw new Error(JSON.stringify(parsed.problems));
  return parsed.scenario;
}
