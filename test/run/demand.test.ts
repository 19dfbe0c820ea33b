/** What preflight is told of a plan, where a storage class waits for a first consumer. */

import { expect, test } from 'vitest';
import { makePlan } from '../../src/plan/make-plan.ts';
import { computeDemand } from '../../src/run/demand.ts';
import { parseScenario } from '../../src/scenario/parse.ts';

const IMMEDIATE = 'cdi.kubevirt.io/storage.bind.immediate.requested';

const BASE = `
name: waits
storage: { class: local }
images: { os: { import: { url: "http://images.example/os.qcow2" }, size: 4Gi } }
templates: { vm: { image: os, cpu: 1, memory: 1Gi } }
steps:
  - clone: { name: clones, image: os, sources: [pvc], count: 2 }
  - deploy: { name: vms, template: vm, count: 2 }
  - boot: { template: vm }
`;

function planned(text: string, overrides: readonly string[] = []) {
  const readFile = () => ({ message: 'no files here', remedy: '' });
  const parsed = parseScenario(text, 'waits.yaml', { overrides, readFile });
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  const plan = makePlan(parsed.scenario, { runId: 'a' });
  const waves = plan.steps.flatMap((step) => (step.kind === 'pause' ? [] : step.waves));
  const manifests = waves.flatMap(({ operations }) =>
    operations.flatMap(({ name, manifest }) => (manifest ? [{ name, object: manifest() }] : [])),
  );
  return { ...computeDemand(parsed.scenario, plan), manifests };
}

test('clones and disks of stopped VMs wait for somebody who uses them', () => {
  const { waitsUnused } = planned(BASE);
  expect(waitsUnused.map(({ step }) => step)).toEqual(['clones', 'vms']);
});

test('but not where CDI is asked to fill them at once, or nobody waits', () => {
  const overrides = ['steps.0.clone.bindImmediately=true', 'steps.1.deploy.wave.until=none'];
  const { waitsUnused, manifests } = planned(BASE, overrides);
  expect(waitsUnused).toEqual([]);
  const asked = manifests.filter(({ object }) => object.metadata.annotations?.[IMMEDIATE] === '');
  expect(asked.map(({ name }) => name)).toEqual(['os-image', 'os-from-pvc-1', 'os-from-pvc-2']);
});

test('what is cloned from and not made by the run is looked at, and what it makes has a name', () => {
  const { origins, made, originNamespaces } = planned(
    BASE.replace(
      '{ import: { url: "http://images.example/os.qcow2" }, size',
      '{ from: { pvc: { namespace: golden, name: os } }, size',
    ),
  );
  expect(origins).toEqual([
    { kind: 'PersistentVolumeClaim', namespace: 'golden', name: 'os', targetBytes: 4 * 2 ** 30 },
  ]);
  expect(originNamespaces).toEqual(['golden']);
  const names = made.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);
  expect(new Set(names).size).toBe(names.length);
  for (const kind of ['DataVolume', 'PersistentVolumeClaim']) {
    expect(names).toContain(`${kind} bench-a/os-image`);
    expect(names).toContain(`${kind} bench-a/os-from-pvc-2`);
    expect(names.filter((name) => name.startsWith(kind))).toHaveLength(5);
  }
  expect(names.filter((name) => name.startsWith('VirtualMachine'))).toHaveLength(2);
});

test('what is undone needs its rights before anything is done', () => {
  const fence = 'on: { kind: Node, name: n1 }, external: ./fence.sh';
  const undo = 'undo: { taint: { out-of-service: null } }';
  const { kinds } = planned(`${BASE}  - act: { ${fence}, ${undo}, until: { exists: true } }\n`);
  expect(kinds.map(({ kind, verbs }) => [kind, ...verbs])).toEqual([
    ['Node', 'get'],
    ['Node', 'get', 'patch'],
    ['Node', 'list', 'watch'],
  ]);
});
