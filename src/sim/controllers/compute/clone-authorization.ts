/**
 * What virt-api asks before a VM may be stored that clones its disks from another namespace: is the
 * namespace there, and may the VM's service account clone from it? Each question is a request from
 * the same small budget as start and stop, at every creation and update, so that creations wait for
 * one another (kubevirt v1.1.1 vms-admitter.go, containerized-data-importer-api authorize.go).
 */

import type { VirtualMachine } from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import { DATA_SOURCES, NAMESPACES } from '../../../api/resources.ts';
import type { DataSource, DataVolumeTemplate } from '../../../api/storage.ts';
import { SECOND } from '../../../core/duration.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { Informer } from '../../../kube/informer.ts';
import {
  type Asker,
  type ForeignSource,
  lacksCloneRight,
  mayClone,
} from '../chassis/clone-right.ts';
import { type Answer, answeredInTime, denied, type Webhook } from '../chassis/webhook-answers.ts';
import type { ComputeLab } from './lab.ts';
import { type Around, VM_WEBHOOKS, virtualMachineAdmission } from './vm-admission.ts';
import { type AdmissionCause, invalid } from './spec-problems.ts';
import type { VirtApiReplicas } from './virt-api-replicas.ts';

/** A write to a VM that the server is about to do. */
export interface VmWrite {
  readonly namespace: string;
  /** As it was sent, or as it is stored where only a patch was sent. */
  readonly object: KubeObject;
  readonly around: Around;
}

/** Undefined where nothing has to be asked; else resolves with the refusal, if there is one. */
export type CloneGate = (write: VmWrite) => Promise<Answer | undefined> | undefined;

export function createCloneGate(lab: ComputeLab, replicas: VirtApiReplicas): CloneGate {
  const room: GateRoom = {
    namespaces: lab.informer(NAMESPACES),
    dataSources: lab.informer(DATA_SOURCES),
  };
  return ({ namespace, object, around }) => {
    const vm = object as Partial<VirtualMachine> & KubeObject;
    if (object.metadata?.deletionTimestamp !== undefined) return undefined;
    const templates = vm.spec?.dataVolumeTemplates;
    if (!Array.isArray(templates)) return undefined;
    const clones = templates.flatMap(
      (template: DataVolumeTemplate | null, index) =>
        findClone(room, template, namespace, index) ?? [],
    );
    if (clones.length === 0 || !isSound(object, around, lab)) return undefined;
    const asker = {
      username: `system:serviceaccount:${namespace}:${serviceAccount(vm)}`,
      groups: [
        'system:serviceaccounts',
        `system:serviceaccounts:${namespace}`,
        'system:authenticated',
      ],
    };
    // A question that was asked stays asked: the budget is spent whoever still waits.
    const asked = authorize(room, replicas.pick(), clones, asker);
    return answeredInTime(lab.clock, WEBHOOK, asked);
  };
}

/** Whether the webhook gets as far as asking. */
function isSound(object: KubeObject, around: Around, { parameters }: ComputeLab): boolean {
  const { shape, validate } = virtualMachineAdmission(parameters);
  if (shape && shape(object).length > 0) return false;
  return validate(object, undefined, around).length === 0;
}

interface GateRoom {
  readonly namespaces: Informer<KubeObject>;
  readonly dataSources: Informer<DataSource>;
}

interface Clone extends ForeignSource {
  readonly index: number;
}

/** What the template clones from another namespace; undefined where it does not. */
function findClone(
  { dataSources }: GateRoom,
  template: DataVolumeTemplate | null,
  home: string,
  index: number,
): Clone | undefined {
  // The webhook sees what no schema has looked at yet.
  const { spec } = template ?? {};
  const reference = spec?.sourceRef;
  const referred = reference && dataSources.get(reference.namespace ?? home, reference.name);
  const source = spec?.source ?? referred?.spec?.source;
  const kind = source?.pvc ? 'pvc' : 'snapshot';
  const found = source?.pvc ?? source?.snapshot;
  const namespace = found?.namespace ?? home;
  return found && namespace !== home ? { index, kind, namespace, name: found.name } : undefined;
}

function serviceAccount({ spec }: Partial<VirtualMachine>): string {
  const volumes = spec?.template?.spec?.volumes ?? [];
  const named = volumes.map((volume) => volume.serviceAccount?.serviceAccountName);
  return named.findLast((name) => name !== undefined) ?? 'default';
}

async function authorize(
  { namespaces }: GateRoom,
  client: KubeClient,
  clones: readonly Clone[],
  asker: Asker,
): Promise<Answer | undefined> {
  const causes: AdmissionCause[] = [];
  for (const clone of clones) {
    if (!namespaces.get(undefined, clone.namespace)) {
      return denied(WEBHOOK, 400, `namespace ${clone.namespace} does not exist`);
    }
    if (await mayClone(client, clone, asker)) continue;
    const message = `Authorization failed, message is: ${lacksCloneRight(clone, asker)}`;
    causes.push(invalid(`spec.dataVolumeTemplates[${clone.index}]`, message));
  }
  if (causes.length === 0) return undefined;
  const why = causes.map(({ message }) => message).join(', ');
  return denied(WEBHOOK, 422, why, { reason: 'Invalid', causes });
}

/** As it is configured (virt-operator components/webhooks.go). */
const WEBHOOK: Webhook = {
  name: VM_WEBHOOKS.validating,
  url: 'https://virt-api.openshift-cnv.svc:443/virtualmachines-validate',
  timeoutUs: 10 * SECOND,
};
