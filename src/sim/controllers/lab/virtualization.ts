/**
 * HyperConverged and what it brings: KubeVirt, CDI and the daemons of the network add-ons. A node
 * takes VMs once its virt-handler is ready; healthy comes later than Available.
 */

import type { Node, Pod } from '../../../api/compute.ts';
import { NODES, PODS } from '../../../api/resources.ts';
import type { ReconcileResult } from '../../../kube/controller.ts';
import { type Informer, makeObjectKey, splitKey } from '../../../kube/informer.ts';
import { VIRTUALIZATION_LABELS } from '../../hardware/node/node-objects.ts';
import { controllerReference } from '../chassis/ownership.ts';
import { daemonCounts, ensureDaemon, isComplete } from './daemon-sets.ts';
import {
  groupVersion,
  CDIS,
  DAEMON_SETS,
  HYPERCONVERGEDS,
  KUBEVIRTS,
  type Loose,
} from './kinds.ts';
import { conditions, ensure, isReady, type LabRoom, type Said, writeStatus } from './room.ts';

const WORKERS = { 'node-role.kubernetes.io/worker': '' };
const HANDLER = 'virt-handler';

/** virt-operator and CDI's operator. */
export function startVirtOperators(room: LabRoom): void {
  const { lab } = room;
  const kubevirts = lab.informer(KUBEVIRTS);
  const cdis = lab.informer(CDIS);
  const sets = lab.informer(DAEMON_SETS);
  const nodes = lab.informer(NODES);
  const kubevirt = one(room, 'virt-operator', kubevirts, (each) => syncKubeVirt(room, each, sets));
  const cdi = one(room, 'cdi-operator', cdis, (each) => syncCdi(room, each));
  kubevirts.onChange((now) => now && kubevirt.enqueue(makeObjectKey(now)));
  cdis.onChange((now) => now && cdi.enqueue(makeObjectKey(now)));
  sets.onChange((now) => {
    if (now?.metadata.name !== HANDLER) return;
    for (const each of kubevirts.values()) kubevirt.enqueue(makeObjectKey(each));
  });
  openNodes(room, lab.informer(PODS), nodes);
}

function one(
  { lab }: LabRoom,
  name: string,
  of: Informer<Loose>,
  step: (object: Loose) => Promise<ReconcileResult>,
) {
  return lab.controller({
    name,
    workers: 1,
    reconcile: async (key) => {
      const { namespace, name: called } = splitKey(key);
      const object = of.get(namespace, called);
      return object && step(object);
    },
  });
}

/** virt-handler and its node labeller say of their own node that VMs may come. */
function openNodes(room: LabRoom, pods: Informer<Pod>, nodes: Informer<Node>): void {
  pods.onChange((now) => {
    const { nodeName } = now?.spec ?? {};
    if (!now || nodeName === undefined || now.metadata.labels?.['kubevirt.io'] !== HANDLER) return;
    const labels = nodes.get(undefined, nodeName)?.metadata.labels;
    if (!isReady(now) || labels?.['kubevirt.io/schedulable'] === 'true') return;
    const patch = { metadata: { labels: VIRTUALIZATION_LABELS } };
    room.lab.launch(room.client.patch(NODES, { name: nodeName }, patch));
  });
}

async function syncKubeVirt(
  room: LabRoom,
  kubevirt: Loose,
  sets: Informer<Loose>,
): Promise<ReconcileResult> {
  const { uid, namespace = '', generation } = kubevirt.metadata;
  await ensureDaemon(room, {
    name: HANDLER,
    namespace,
    labels: { 'kubevirt.io': HANDLER },
    nodeSelector: WORKERS,
    owner: kubevirt,
  });
  const { controlPlaneTimeUs } = room.parameters.virtOperator;
  const afterUs = room.left(`control plane ${uid}`, controlPlaneTimeUs);
  const isDone = afterUs === 0 && isComplete(daemonCounts(sets, namespace, HANDLER));
  await writeStatus(room, KUBEVIRTS, kubevirt, {
    phase: isDone ? 'Deployed' : 'Deploying',
    observedGeneration: generation,
    ...(isDone ? { observedKubeVirtVersion: 'v1.1.1' } : {}),
    conditions: conditions(room, kubevirt, deployment(isDone, 'AllComponentsReady')),
  });
  return afterUs > 0 ? { afterUs } : undefined;
}

async function syncCdi(room: LabRoom, cdi: Loose): Promise<ReconcileResult> {
  const afterUs = room.left(`cdi ${cdi.metadata.uid}`, room.parameters.virtOperator.cdiTimeUs);
  const isDone = afterUs === 0;
  await writeStatus(room, CDIS, cdi, {
    phase: isDone ? 'Deployed' : 'Deploying',
    ...(isDone ? { observedVersion: 'v1.58.4' } : {}),
    conditions: conditions(room, cdi, deployment(isDone, 'DeployCompleted')),
  });
  return isDone ? undefined : { afterUs };
}

function deployment(isDone: boolean, reason: string): readonly Said[] {
  const says = (type: string, is: boolean): Said => ({
    type,
    status: is ? 'True' : 'False',
    reason: isDone ? reason : 'DeploymentInProgress',
  });
  return [says('Available', isDone), says('Progressing', !isDone), says('Degraded', false)];
}

interface Parts {
  readonly kubevirts: Informer<Loose>;
  readonly cdis: Informer<Loose>;
  readonly sets: Informer<Loose>;
}

/** The only name that is reconciled. */
const NAME = 'kubevirt-hyperconverged';
const NETWORK_DAEMONS = ['bridge-marker', 'kube-cni-linux-bridge-plugin'];

export function startHyperConverged(room: LabRoom): void {
  const { lab } = room;
  const parts: Parts = {
    kubevirts: lab.informer(KUBEVIRTS),
    cdis: lab.informer(CDIS),
    sets: lab.informer(DAEMON_SETS),
  };
  const hcos = lab.informer(HYPERCONVERGEDS);
  const controller = one(room, 'hco', hcos, (each) => syncHyperConverged(room, each, parts));
  const wake = () => {
    for (const each of hcos.values()) controller.enqueue(makeObjectKey(each));
  };
  hcos.onChange((now) => now && controller.enqueue(makeObjectKey(now)));
  for (const part of [parts.kubevirts, parts.cdis, parts.sets]) part.onChange(wake);
}

async function syncHyperConverged(
  room: LabRoom,
  hco: Loose,
  { kubevirts, cdis, sets }: Parts,
): Promise<ReconcileResult> {
  const { name, namespace = '', generation, uid } = hco.metadata;
  if (name !== NAME) {
    const message = `Reconciled only ${namespace}/${NAME}`;
    const refused = {
      type: 'ReconcileComplete',
      status: 'False',
      reason: 'InvalidRequest',
    } as const;
    const list = conditions(room, hco, [{ ...refused, message }]);
    await writeStatus(room, HYPERCONVERGEDS, hco, { conditions: list });
    return undefined;
  }
  await ensureParts(room, hco, namespace);
  const isDone =
    isDeployed(kubevirts.get(namespace, `kubevirt-${NAME}`)) &&
    isDeployed(cdis.get(undefined, `cdi-${NAME}`)) &&
    NETWORK_DAEMONS.every((daemon) => isComplete(daemonCounts(sets, namespace, daemon)));
  const { templatesTimeUs } = room.parameters.virtOperator;
  const afterUs = isDone ? room.left(`ssp ${uid}`, templatesTimeUs) : 0;
  const reason = isDone ? 'ReconcileCompleted' : 'Init';
  const complete: Said = { type: 'ReconcileComplete', status: isDone ? 'True' : 'False', reason };
  await writeStatus(room, HYPERCONVERGEDS, hco, {
    observedGeneration: generation,
    conditions: conditions(room, hco, [complete, ...deployment(isDone, 'ReconcileCompleted')]),
    systemHealthStatus: isDone && afterUs === 0 ? 'healthy' : isDone ? 'warning' : 'error',
    versions: [{ name: 'operator', version: '4.15.4' }],
  });
  return afterUs > 0 ? { afterUs } : undefined;
}

async function ensureParts(room: LabRoom, hco: Loose, namespace: string): Promise<void> {
  const part = (of: typeof KUBEVIRTS, name: string, home?: string): Loose => ({
    apiVersion: groupVersion(of),
    kind: of.kind,
    metadata: {
      name,
      ...(home === undefined ? {} : { namespace: home }),
      ...(home === undefined ? {} : { ownerReferences: [controllerReference(hco)] }),
    },
    spec: {},
  });
  await ensure(room, KUBEVIRTS, part(KUBEVIRTS, `kubevirt-${NAME}`, namespace));
  await ensure(room, CDIS, part(CDIS, `cdi-${NAME}`));
  for (const name of NETWORK_DAEMONS) {
    const labels = { app: name };
    await ensureDaemon(room, { name, namespace, labels, nodeSelector: WORKERS, owner: hco });
  }
}

function isDeployed(object: Loose | undefined): boolean {
  return object?.status?.['phase'] === 'Deployed';
}
