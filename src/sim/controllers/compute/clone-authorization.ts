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
import type { ComputeLab } from './lab.ts';
import { type Around, VM_WEBHOOKS, virtualMachineAdmission } from './vm-admission.ts';
import { type AdmissionCause, invalid } from './spec-problems.ts';
import type { Answer } from './virt-api-answers.ts';
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

/** As the webhook is configured (virt-operator components/webhooks.go). */
const TIMEOUT_US = 10 * SECOND;

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
    const account = `system:serviceaccount:${namespace}:${serviceAccount(vm)}`;
    const asked = authorize(room, replicas.pick(), clones, { namespace, account });
    // A question that was asked stays asked: the budget is spent whoever still waits.
    return Promise.race([asked, lab.clock.sleep(TIMEOUT_US).then(() => TIMED_OUT)]);
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

interface Clone {
  readonly index: number;
  readonly kind: 'pvc' | 'snapshot';
  readonly namespace: string;
  readonly name: string;
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

interface Asker {
  readonly namespace: string;
  readonly account: string;
}

async function authorize(
  { namespaces }: GateRoom,
  client: KubeClient,
  clones: readonly Clone[],
  { namespace, account }: Asker,
): Promise<Answer | undefined> {
  const causes: AdmissionCause[] = [];
  for (const clone of clones) {
    if (!namespaces.get(undefined, clone.namespace)) {
      return denied(400, `namespace ${clone.namespace} does not exist`);
    }
    if (await mayClone(client, clone, namespace, account)) continue;
    const why = `has insufficient permissions in clone source namespace ${clone.namespace}`;
    const message = `Authorization failed, message is: User ${account} ${why}`;
    causes.push(invalid(`spec.dataVolumeTemplates[${clone.index}]`, message));
  }
  if (causes.length === 0) return undefined;
  return denied(422, causes.map(({ message }) => message).join(', '), causes);
}

/**
 * A claim may be cloned by either of two rights, a snapshot by the one or by both others, of which
 * the last is asked for by a name that no resource has.
 */
async function mayClone(
  client: KubeClient,
  { kind, namespace, name }: Clone,
  home: string,
  user: string,
): Promise<boolean> {
  const ask = (attributes: object) =>
    review(client, {
      user,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${home}`, 'system:authenticated'],
      resourceAttributes: { namespace, name, verb: 'create', ...attributes },
    });
  const source = { group: 'cdi.kubevirt.io', resource: 'datavolumes', subresource: 'source' };
  if (await ask(source)) return true;
  if (!(await ask({ resource: 'pods' }))) return false;
  return kind === 'pvc' || ask({ resource: 'pvcs' });
}

async function review(client: KubeClient, spec: object): Promise<boolean> {
  const { body } = await client.raw({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec },
  });
  return (body as { readonly status?: { readonly allowed?: boolean } }).status?.allowed === true;
}

const WEBHOOK = VM_WEBHOOKS.validating;

function denied(code: number, why: string, causes?: readonly AdmissionCause[]): Answer {
  const message = `admission webhook "${WEBHOOK}" denied the request: ${why}`;
  const reason = code === 422 ? { reason: 'Invalid' } : {};
  return failed(code, message, { ...reason, ...(causes ? { details: { causes } } : {}) });
}

function failed(code: number, message: string, more: object): Answer {
  const status = { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure' };
  return { status: code, body: { ...status, message, ...more, code } };
}

const LATE =
  `failed calling webhook "${WEBHOOK}": failed to call webhook: Post ` +
  '"https://virt-api.openshift-cnv.svc:443/virtualmachines-validate?timeout=10s": ' +
  'context deadline exceeded';

const TIMED_OUT = failed(500, `Internal error occurred: ${LATE}`, {
  reason: 'InternalError',
  details: { causes: [{ message: LATE }] },
});
