/**
 * A crowd of VMs with their disks, VMIs and pods, as JSON: lists to be served, and the lines
 * of a watch while VMs are deleted, made anew and booted, wave after wave. The objects weigh about
 * what they do on a cluster, managedFields included. Made of texts, since the one who serves the
 * crowd must not be busier than the one who watches it.
 */

import { createRng } from '../../src/core/rng.ts';
import { RUN_LABEL } from '../../src/plan/planning.ts';

export interface CrowdKind {
  /** Path of the collection in all namespaces. */
  readonly path: string;
  readonly apiVersion: string;
  readonly kind: string;
}

export interface CrowdEvent {
  readonly kind: CrowdKind;
  readonly line: string;
  /** What an observer can tell of it; undefined where it says nothing new. */
  readonly sign: string | undefined;
}

export interface Crowd {
  readonly kinds: readonly CrowdKind[];
  /** Objects `from` to `to` of a kind, comma-separated. */
  items(kind: CrowdKind, from: number, to: number): string;
  readonly perKind: number;
  /** What happens next. */
  next(): CrowdEvent;
}

const CROWD_RUN = 'crowd';
export const CROWD_NAMESPACE = `bench-${CROWD_RUN}`;
export const CROWD_SELECTOR = `${RUN_LABEL}=${CROWD_RUN}`;

const VM = kindOf('/apis/kubevirt.io/v1/virtualmachines', 'kubevirt.io/v1', 'VirtualMachine');
const VMI = kindOf(
  '/apis/kubevirt.io/v1/virtualmachineinstances',
  'kubevirt.io/v1',
  'VirtualMachineInstance',
);
const DV = kindOf(
  '/apis/cdi.kubevirt.io/v1beta1/datavolumes',
  'cdi.kubevirt.io/v1beta1',
  'DataVolume',
);
const PVC = kindOf('/api/v1/persistentvolumeclaims', 'v1', 'PersistentVolumeClaim');
const POD = kindOf('/api/v1/pods', 'v1', 'Pod');
const SNAPSHOT = kindOf(
  '/apis/snapshot.storage.k8s.io/v1/volumesnapshots',
  'snapshot.storage.k8s.io/v1',
  'VolumeSnapshot',
);

/** Bytes of an object beside what is written out here. */
const BULK = new Map([
  [VM, 4000],
  [DV, 2000],
  [PVC, 2500],
  [VMI, 7500],
  [POD, 13_000],
]);

const OWNER_OF = new Map([
  [DV, VM],
  [PVC, DV],
  [VMI, VM],
  [POD, VMI],
]);

/** VMs that are on their way at the same time. */
const WAVE = 300;

interface Step {
  readonly kind: CrowdKind;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly status: string;
  readonly sign: string | undefined;
}

const READY = condition('Ready');
const AGENT = condition('AgentConnected');
const ON_NODE = '"nodeName":"worker-17","migrationMethod":"BlockMigration"';

/** What is listed at first: all VMs run. */
const LISTED = new Map<CrowdKind, string>([
  [VM, '"printableStatus":"Running"'],
  [DV, '"phase":"Succeeded","progress":"100.0%"'],
  [PVC, '"phase":"Bound","capacity":{"storage":"30Gi"}'],
  [VMI, `"phase":"Running",${ON_NODE},"conditions":[${READY},${AGENT}]`],
  [POD, `"phase":"Running","conditions":[${condition('PodScheduled')}]`],
]);

/** From a running VM to its successor that runs: 37 events, of which 27 say something new. */
const LIFE: readonly Step[] = [
  change(VM, '"printableStatus":"Terminating"', 'printableStatus=Terminating'),
  change(VMI, `"phase":"Succeeded",${ON_NODE}`, 'phase=Succeeded'),
  change(POD, '"phase":"Succeeded"', 'phase=Succeeded'),
  noise(VMI, `"phase":"Succeeded",${ON_NODE},"beat":1`),
  remove(POD),
  remove(VMI),
  noise(DV, '"phase":"Succeeded","beat":1'),
  remove(DV),
  remove(PVC),
  remove(VM),
  add(VM, '"printableStatus":"Provisioning"'),
  add(DV, ''),
  noise(VM, '"printableStatus":"Provisioning","beat":1'),
  change(DV, '"phase":"CloneScheduled"', 'phase=CloneScheduled'),
  add(PVC, '"phase":"Pending"'),
  change(DV, '"phase":"CSICloneInProgress","progress":"N/A"', 'phase=CSICloneInProgress'),
  noise(DV, '"phase":"CSICloneInProgress","progress":"N/A","beat":1'),
  noise(PVC, '"phase":"Pending","beat":1'),
  change(PVC, '"phase":"Bound","capacity":{"storage":"30Gi"}', 'phase=Bound'),
  noise(PVC, '"phase":"Bound","capacity":{"storage":"30Gi"},"beat":1'),
  change(DV, '"phase":"Succeeded","progress":"100.0%"', 'phase=Succeeded'),
  change(VM, '"printableStatus":"Stopped"', 'printableStatus=Stopped'),
  change(VM, '"printableStatus":"Starting"', 'printableStatus=Starting'),
  add(VMI, '"phase":"Pending"'),
  change(VMI, '"phase":"Scheduling"', 'phase=Scheduling'),
  add(POD, '"phase":"Pending"'),
  change(POD, `"phase":"Pending","conditions":[${condition('PodScheduled')}]`, 'PodScheduled=True'),
  noise(POD, `"phase":"Pending","conditions":[${condition('PodScheduled')}],"beat":1`),
  noise(VMI, '"phase":"Scheduling","beat":1'),
  change(POD, `"phase":"Running","conditions":[${condition('PodScheduled')}]`, 'phase=Running'),
  change(VMI, `"phase":"Scheduled",${ON_NODE}`, 'phase=Scheduled'),
  noise(VMI, `"phase":"Scheduled",${ON_NODE},"beat":1`),
  change(VMI, `"phase":"Running",${ON_NODE}`, 'phase=Running'),
  change(VM, '"printableStatus":"Running"', 'printableStatus=Running'),
  change(VMI, `"phase":"Running",${ON_NODE},"conditions":[${READY}]`, 'Ready=True'),
  change(
    VMI,
    `"phase":"Running",${ON_NODE},"conditions":[${READY},${AGENT}]`,
    'AgentConnected=True',
  ),
  noise(VM, '"printableStatus":"Running","beat":2'),
];

/** `objects` in all, a fifth of each kind. */
export function createCrowd(objects: number): Crowd {
  const vms = Math.floor(objects / LISTED.size);
  const bodies = new Map([...BULK].map(([kind, bytes]) => [kind, bulkOf(kind, bytes)]));
  const rng = createRng('crowd');
  let version = 1;
  let arrivals = 0;
  const busy = new Set<number>();
  const arrive = () => {
    while (busy.has(arrivals % vms)) arrivals += 1;
    const vm = arrivals++ % vms;
    busy.add(vm);
    return { vm, step: 0 };
  };
  const wave = Array.from({ length: Math.min(WAVE, vms - 1) }, arrive);
  const generations = new Map<number, number>();
  const text = (kind: CrowdKind, vm: number, generation: number, status: string) =>
    objectText(kind, { vm, generation, status, version, body: bodies.get(kind) ?? '' });
  return {
    kinds: [VM, DV, PVC, SNAPSHOT, VMI, POD],
    perKind: vms,
    items(kind, from, to) {
      const status = LISTED.get(kind);
      if (status === undefined) return '';
      const indices = Array.from({ length: Math.min(to, vms) - from }, (_, i) => from + i);
      return indices.map((vm) => text(kind, vm, 0, status)).join(',');
    },
    next() {
      const at = rng.integer(wave.length);
      const life = wave[at] ?? arrive();
      const step = LIFE[life.step++];
      if (step === undefined) {
        generations.set(life.vm, (generations.get(life.vm) ?? 0) + 1);
        wave[at] = arrive();
        busy.delete(life.vm);
        return this.next();
      }
      version += 1;
      const before = generations.get(life.vm) ?? 0;
      const generation = before + (life.step > BIRTH ? 1 : 0);
      const object = text(step.kind, life.vm, generation, step.status);
      const uid = getUid(step.kind, life.vm, generation);
      return {
        kind: step.kind,
        line: `{"type":"${step.type}","object":${object}}\n`,
        sign: step.sign && `${uid} ${step.sign}`,
      };
    },
  };
}

/** What comes before it in a life is of the VM before. */
const BIRTH = LIFE.findIndex(({ type }) => type === 'ADDED');

function kindOf(path: string, apiVersion: string, kind: string): CrowdKind {
  return { path, apiVersion, kind };
}

function add(kind: CrowdKind, status: string): Step {
  return { kind, type: 'ADDED', status, sign: 'ADDED' };
}

function change(kind: CrowdKind, status: string, sign: string): Step {
  return { kind, type: 'MODIFIED', status, sign };
}

function noise(kind: CrowdKind, status: string): Step {
  return { kind, type: 'MODIFIED', status, sign: undefined };
}

function remove(kind: CrowdKind): Step {
  return { kind, type: 'DELETED', status: LISTED.get(kind) ?? '', sign: 'DELETED' };
}

function condition(type: string): string {
  return `{"type":"${type}","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z"}`;
}

function getUid(kind: CrowdKind, vm: number, generation: number): string {
  const letters = kind.kind.replaceAll(/[a-z]/g, '').toLowerCase();
  return `${letters}-${String(generation).padStart(6, '0')}-${String(vm).padStart(24, '0')}`;
}

interface ObjectFacts {
  readonly vm: number;
  readonly generation: number;
  readonly status: string;
  readonly version: number;
  readonly body: string;
}

function objectText(kind: CrowdKind, facts: ObjectFacts): string {
  const { vm, generation, status, version, body } = facts;
  const owner = OWNER_OF.get(kind);
  const owned =
    owner === undefined
      ? ''
      : `"ownerReferences":[{"apiVersion":"${owner.apiVersion}","kind":"${owner.kind}",` +
        `"name":"crowd-${vm}","uid":"${getUid(owner, vm, generation)}",` +
        '"controller":true,"blockOwnerDeletion":true}],';
  return (
    `{"apiVersion":"${kind.apiVersion}","kind":"${kind.kind}","metadata":{` +
    `"name":"crowd-${vm}","namespace":"${CROWD_NAMESPACE}",` +
    `"uid":"${getUid(kind, vm, generation)}","resourceVersion":"${version}",` +
    `"labels":{"${RUN_LABEL}":"${CROWD_RUN}"},` +
    `"creationTimestamp":"2026-01-01T00:00:00Z",${owned}${body}` +
    `"status":{${status}}}`
  );
}

/** The rest of metadata and a spec: half managedFields, half what a guest is made of. */
function bulkOf(kind: CrowdKind, bytes: number): string {
  const fields = repeated(bytes / 2, (n) => `"f:field${n}":{".":{}}`);
  const parts = repeated(bytes / 2, (n) => `{"name":"part-${n}","bus":"virtio","order":${n}}`);
  const managed = '{"manager":"virt-controller","operation":"Update","fieldsType":"FieldsV1",';
  const source = kind === DV ? '"source":{"pvc":{"namespace":"images","name":"rhel9"}},' : '';
  const metadata = `"managedFields":[${managed}"fieldsV1":{${fields}}}]`;
  return `${metadata}},"spec":{${source}"parts":[${parts}]},`;
}

function repeated(bytes: number, text: (n: number) => string): string {
  const texts: string[] = [];
  for (let size = 0; size < bytes; size += text(texts.length - 1).length + 1) {
    texts.push(text(texts.length));
  }
  return texts.join(',');
}
