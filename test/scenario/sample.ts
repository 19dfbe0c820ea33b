/** A scenario and a template that are right, for tests to spoil. */

import { type Parsed, parseScenario } from '../../src/scenario/parse.ts';
import type { Problem } from '../../src/scenario/problem.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';

export const SCENARIO = `name: demo
storage: { class: rbd, snapshotClass: snaps }
images:
  rhel9: { import: { url: "http://x/y.qcow2" }, size: 22Gi }
templates:
  rhel9: { file: vm.yaml }
steps:
  - clone:
      image: rhel9
      count: 200
      wave: { size: 100, pause: 30s }
  - deploy: { template: rhel9, count: 20, wave: { size: 10 } }
  - boot:
      template: rhel9
      wave: { size: 10, until: guestReady }
`;

export const TEMPLATE = `apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: vm-{{index}}
spec:
  running: false
  dataVolumeTemplates:
    - metadata: { name: "vm-{{index}}-root" }
      spec:
        source: { snapshot: { namespace: "{{imageNamespace}}", name: "{{snapshot}}" } }
        pvc: { resources: { requests: { storage: 22Gi } } }
  template:
    spec:
      domain: { devices: { disks: [{ name: root }] } }
      volumes: [{ name: root, dataVolume: { name: "vm-{{index}}-root" } }]
`;

export interface Sample {
  readonly scenario?: string;
  readonly template?: string;
  readonly set?: readonly string[];
}

/** The sample as `s.yaml` with its template as `vm.yaml`. */
function parseSample(sample: Sample = {}): Parsed {
  return parseScenario(sample.scenario ?? SCENARIO, 's.yaml', {
    overrides: sample.set ?? [],
    readFile: (file) =>
      file === 'vm.yaml'
        ? { text: sample.template ?? TEMPLATE, file }
        : { message: 'does not exist', remedy: 'check the name' },
  });
}

export function restoreScenario(sample: Sample = {}): Scenario {
  const parsed = parseSample(sample);
  if ('scenario' in parsed) return parsed.scenario;
  throw new Error(JSON.stringify(parsed.problems));
}

export function listProblems(sample: Sample): readonly Problem[] {
  const parsed = parseSample(sample);
  return 'problems' in parsed ? parsed.problems : [];
}

/** The sample with `from` replaced; `from` must be there, or the test would test nothing. */
export function spoilt(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`sample has no ${JSON.stringify(from)}`);
  return text.replace(from, () => to);
}
