/** From text to a Scenario: defaults, forms of writing, references between the parts. */

import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { GIB, MIB } from '../../src/core/bytes.ts';
import { HOUR, MINUTE, SECOND } from '../../src/core/duration.ts';
import { resolveParameters } from '../../src/parameters/parameters.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import type { Scenario, Step } from '../../src/scenario/scenario.ts';
import { SCENARIO, restoreScenario, spoilt } from './sample.ts';

/** The sample with other steps. */
function withSteps(...steps: string[]): Scenario {
  const head = SCENARIO.slice(0, SCENARIO.indexOf('steps:'));
  return restoreScenario({ scenario: `${head}steps:\n${steps.map((s) => `  - ${s}\n`).join('')}` });
}

function listWaves(step: Step | undefined) {
  if (step === undefined || step.kind === 'pause') throw new Error('no waves');
  return step.waves;
}

test('shipped scenarios are right', () => {
  const files = readdirSync('scenarios').filter((name) => name.endsWith('.yaml'));
  expect(files.length).toBeGreaterThanOrEqual(6);
  for (const file of files) {
    const loaded = loadScenario(`scenarios/${file}`);
    expect(loaded).not.toHaveProperty('problems');
    expect('scenario' in loaded && `${loaded.scenario.name}.yaml`).toBe(file);
  }
});

test('the example of the documentation works literally', () => {
  const text = `name: 10k-mixed
storage: { class: ocs-storagecluster-ceph-rbd-virtualization, snapshotClass: ocs-storagecluster-rbdplugin-snapclass, accessModes: [ReadWriteMany], volumeMode: Block }
images:
  rhel9:     { import: { url: "http://images.example/rhel9_uefi.qcow2" }, size: 22Gi }
  windows11: { import: { url: "http://images.example/win11.qcow2" }, size: 70Gi }
templates:
  rhel9:     { file: vm.yaml }
steps:
  - clone:  { name: rhel9 PVC vs snapshot, image: rhel9, sources: [pvc, snapshot], count: 2000, wave: { size: 100, pause: 30s }, cleanup: true }
  - deploy: { template: rhel9, count: 6000, wave: { size: 100, pause: 30s } }
  - boot:   { template: rhel9, wave: { size: 100, until: guestReady, timeout: 10m } }
`;
  const scenario = restoreScenario({ scenario: text, set: ['steps.0.clone.count=200'] });
  const [clone, , boot] = scenario.steps;
  expect(clone?.kind === 'clone' && clone.arms.map((arm) => arm.count)).toEqual([200, 200]);
  expect(boot?.kind === 'boot' && boot.targets[0]?.indices.length).toBe(6000);
  expect(scenario.origin.overrides).toEqual(['steps.0.clone.count=200']);
  expect(scenario.origin.text).toBe(text);
});

test('defaults', () => {
  const scenario = withSteps('clone: { image: rhel9, count: 5 }');
  expect(scenario.storage).toMatchObject({ accessModes: ['ReadWriteMany'], volumeMode: 'Block' });
  expect(scenario.timeouts).toMatchObject({
    cloneUs: 2 * HOUR,
    importUs: HOUR,
    bootUs: 10 * MINUTE,
  });
  expect(listWaves(scenario.steps[0])).toEqual({
    size: 5,
    pacing: { loop: 'closed', share: 1, pauseUs: 0 },
    until: 'dataVolumeSucceeded',
    rampUs: 2 * SECOND,
    timeoutUs: 2 * HOUR,
    warmupWaves: 0,
    inFlightMax: undefined,
    errorBudget: 0,
    waveErrorBudget: 0.5,
  });
  expect(scenario.steps[0]?.name).toBe('clone rhel9');
});

test('ways to pace waves', () => {
  const scenario = withSteps(
    'clone: { image: rhel9, count: 400, wave: { every: 30s, ramp: 3s } }',
    'clone: { image: rhel9, count: 400, wave: { size: 20, rate: 10/s } }',
    'clone: { image: rhel9, count: 400, wave: { size: 20, rate: 30/m } }',
    'clone: { image: rhel9, count: 400, wave: { share: 95%, pause: 5s, inFlight: 50, warmup: 1 } }',
  );
  const [every, perSecond, perMinute, share] = scenario.steps.map(listWaves);
  expect(every).toMatchObject({ pacing: { everyUs: 30 * SECOND }, rampUs: 3 * SECOND });
  expect(perSecond).toMatchObject({ pacing: { everyUs: 2 * SECOND }, rampUs: 2 * SECOND });
  expect(perMinute).toMatchObject({ pacing: { everyUs: 40 * SECOND }, rampUs: 40 * SECOND });
  expect(share).toMatchObject({
    pacing: { loop: 'closed', share: 0.95, pauseUs: 5 * SECOND },
    inFlightMax: 50,
    warmupWaves: 1,
  });
});

test('steps of one kind and object get names of their own', () => {
  const names = withSteps(
    'clone: { image: rhel9, count: 5 }',
    'clone: { image: rhel9, count: 5 }',
    'pause: 30s',
    'pause: { name: rest, duration: 1m }',
  ).steps.map((step) => step.name);
  expect(names).toEqual(['clone rhel9', 'clone rhel9 (2)', 'pause', 'rest']);
});

test('VMs are followed through deploy, boot, stop and delete', () => {
  const { steps } = withSteps(
    'deploy: { template: rhel9, count: 3 }',
    'boot: { template: rhel9, count: 2 }',
    'deploy: { template: rhel9, count: 2 }',
    'boot: { template: rhel9 }',
    'stop: { template: rhel9, count: 1 }',
    'boot: { templates: [rhel9] }',
    'delete: { templates: { rhel9: 2 } }',
    'stop: { template: rhel9 }',
  );
  const indices = steps.map((step) => 'targets' in step && step.targets[0]?.indices);
  expect(indices).toEqual([[1, 2, 3], [1, 2], [4, 5], [3, 4, 5], [1], [1], [1, 2], [3, 4, 5]]);
});

test('clean-up takes what the step made and nobody deleted since', () => {
  const { steps } = withSteps(
    'clone: { name: c, image: rhel9, count: 5 }',
    'deploy: { name: d, template: rhel9, count: 4 }',
    'delete: { template: rhel9, count: 1 }',
    'cleanup: { step: d }',
    'cleanup: { step: c }',
  );
  const [, , , vms, clones] = steps;
  expect(vms?.kind === 'cleanup' && vms.targets).toEqual([
    { template: 'rhel9', indices: [2, 3, 4] },
  ]);
  expect(clones?.kind === 'cleanup' && clones.arms.map(({ count }) => count)).toEqual([5, 5]);
});

test('only snapshots that something clones from are taken', () => {
  const needed = (scenario: Scenario) => scenario.images.map((image) => image.snapshotNeeded);
  expect(needed(withSteps('clone: { image: rhel9, sources: [pvc], count: 5 }'))).toEqual([false]);
  expect(needed(withSteps('clone: { image: rhel9, sources: [snapshot], count: 5 }'))).toEqual([
    true,
  ]);
  expect(needed(withSteps('deploy: { template: rhel9, count: 5 }'))).toEqual([true]);
});

test("the article's names: a template that refers to a snapshot in another namespace", () => {
  const loaded = loadScenario('scenarios/two-disk.yaml');
  if (!('scenario' in loaded)) throw new Error('two-disk has problems');
  const [image] = loaded.scenario.images;
  const [template] = loaded.scenario.templates;
  expect(image).toMatchObject({ name: 'rhel9-placeholder', namespace: 'default' });
  expect(image?.snapshotNeeded).toBe(true);
  expect(template).toMatchObject({ image: 'rhel9', source: 'snapshot', runField: 'running' });
  expect(template?.disks).toEqual([{ sizeBytes: 22 * GIB }, { sizeBytes: 50 * GIB }]);
});

test('the simulation section: constants in inner units, contents of every image', () => {
  const set = [
    'simulation.provisioner.qps=50',
    'simulation.kubelet.statusInterval=5s',
    'simulation.nodes.memory=1Ti',
    'simulation.images.rhel9.guest=windows11',
    'simulation.images.rhel9.data=1Gi',
    'simulation.seed=7',
  ];
  const { simulation } = restoreScenario({ set });
  const parameters = resolveParameters(simulation.parameters);
  expect(parameters.provisioner.qps).toBe(50);
  expect(parameters.kubelet.statusIntervalUs).toBe(5 * SECOND);
  expect(parameters.nodes.memoryBytes).toBe(1024 * GIB);
  expect(simulation.images[0]).toMatchObject({ key: 'rhel9', dataBytes: GIB });
  expect(simulation.images[0]?.guest?.osName).toBe('Microsoft Windows 11');
  expect(simulation.seed).toBe(7);
});

test('the release: the default, another one, and none that is unknown', () => {
  expect(restoreScenario().simulation.release).toBe('ocp-4.15');
  const later = restoreScenario({ set: ['simulation.release=upstream-2026-08'] }).simulation;
  expect(resolveParameters(later.parameters, later.release).release).toBe('upstream-2026-08');
  expect(() => restoreScenario({ set: ['simulation.release=ocp-3.11'] })).toThrow();
});

test('images without a description hold the default, and never more than their size', () => {
  const data = (scenario: Scenario) => scenario.simulation.images[0]?.dataBytes;
  expect(data(restoreScenario())).toBe(4377 * MIB);
  expect(data(restoreScenario({ scenario: spoilt(SCENARIO, 'size: 22Gi', 'size: 1Gi') }))).toBe(
    GIB,
  );
});

test('an override inside an anchor changes one place only', () => {
  const text = spoilt(
    spoilt(SCENARIO, 'wave: { size: 100, pause: 30s }', 'wave: &w { size: 10 }'),
    'wave: { size: 10 }',
    'wave: *w',
  );
  const scenario = restoreScenario({ scenario: text, set: ['steps.1.deploy.wave.size=5'] });
  expect(scenario.steps.map((step) => listWaves(step).size)).toEqual([10, 5, 10]);
});
