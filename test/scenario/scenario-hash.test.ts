import { describe, expect, test } from 'vitest';
import { parseScenario } from '../../src/scenario/parse.ts';
import { scenarioHash } from '../../src/scenario/scenario-hash.ts';

const BASE = `
name: nightly
storage: { class: fast, snapshotClass: fast-snap }
images:
  rhel9: { import: { url: "http://images.example/rhel9.qcow2" }, size: 22Gi }
templates:
  small: { file: vm.yaml }
steps:
  - clone: { image: rhel9, count: 10, wave: { size: 5 } }
  - deploy: { template: small, count: 4 }
timeouts: { clone: 1h }
errorBudget: 0.1
slo: [{ metric: clone, max: 60s }]
simulation: { environment: lab, seed: 3 }
`;

const VM = `
apiVersion: kubevirt.io/v1
kind: VirtualMachine
spec:
  running: false
  dataVolumeTemplates:
    - metadata: { name: "{{name}}-root" }
      spec:
        source: { snapshot: { namespace: "{{imageNamespace}}", name: "{{snapshot}}" } }
        storage: { resources: { requests: { storage: 22Gi } } }
  template:
    spec:
      domain: { devices: {}, memory: { guest: MEMORY } }
      volumes: [{ name: root, dataVolume: { name: "{{name}}-root" } }]
`;

function hash(text: string, overrides: readonly string[] = [], memory = '4Gi'): string {
  const readFile = () => ({ file: 'vm.yaml', text: VM.replace('MEMORY', memory) });
  const parsed = parseScenario(text, 'nightly.yaml', { overrides, readFile });
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return scenarioHash(parsed.scenario);
}

describe('the scenario hash', () => {
  const base = hash(BASE);

  test.each([
    'simulation.attacher.qps=2.5',
    'simulation.environment=other',
    'simulation.seed=9',
    'name=weekly',
    'description=other words',
    'slo=[]',
    'errorBudget=0',
    'steps.0.clone.errorBudget=0.5',
    'waveErrorBudget=1',
    'steps.0.clone.waveErrorBudget=0.9',
  ])('stays the same with --set %s', (override) => {
    expect(hash(BASE, [override])).toBe(base);
  });

  test.each([
    'storage.class=slow',
    'images.rhel9.size=23Gi',
    'steps.0.clone.count=11',
    'steps.0.clone.wave.size=10',
    'timeouts.clone=2h',
    'timeouts.boot=11m',
  ])('changes with --set %s', (override) => {
    expect(hash(BASE, [override])).not.toBe(base);
  });

  test('is of what a template holds, not of what its file is called', () => {
    expect(hash(BASE.replace('vm.yaml', 'elsewhere/machine.yaml'))).toBe(base);
    expect(hash(BASE, [], '8Gi')).not.toBe(base);
  });

  test('does not care about comments, order of fields, or defaults written out', () => {
    expect(hash(`# a comment\n${BASE}`)).toBe(base);
    expect(hash(BASE.replace('count: 10, wave: { size: 5 }', 'wave: { size: 5 }, count: 10'))).toBe(
      base,
    );
    expect(hash(BASE, ['storage.volumeMode=Block'])).toBe(base);
  });
});
