/**
 * kube-controller-manager's node lifecycle controller (kubernetes pkg/controller/nodelifecycle): a
 * node whose lease is not renewed any more is Unknown after the grace period, its pods are not
 * ready, nothing is placed on it, and what runs there is to be evicted. The last of these is held
 * back where many nodes are silent, and does not happen at all where all are: then it is rather the
 * controller that is cut off. The silence itself is not polled for: who goes down is known, and
 * only the waiting is simulated.
 */

import type { Node } from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import { NODES, PODS } from '../../../api/resources.ts';
import { NOT_READY, UNREACHABLE } from '../../../api/taints.ts';
import { SECOND } from '../../../core/duration.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { Controller, ReconcileResult } from '../../../kube/controller.ts';
import type { Informer } from '../../../kube/informer.ts';
import { kubeletConditions } from '../../hardware/node/node-objects.ts';
import type { StatusPhases } from '../../hardware/node/status-phase.ts';
import { isTrue, withCondition } from './conditions.ts';
import { heartbeat } from './heartbeats.ts';
import { forgiving } from '../chassis/forgiving.ts';
import type { ComputeLab } from './lab.ts';
import type { NodePower } from './node-power.ts';

/** Each new node is kept out at first, as by the admission plugin TaintNodesByCondition. */
export const NODE_ADMISSION = {
  resource: NODES,
  mutate(object: KubeObject, old?: KubeObject): KubeObject {
    const { spec } = object as Node;
    if (old || spec?.taints?.some(({ key }) => key === NOT_READY)) return object;
    const taints = [...(spec?.taints ?? []), { key: NOT_READY, effect: 'NoSchedule' }];
    return { ...object, spec: { ...spec, taints } };
  },
} as const;

/** The second of these others may have put, where these controllers were away. */
const KEPT_OUT = [NOT_READY, UNREACHABLE];

interface LifecycleRoom {
  readonly lab: ComputeLab;
  readonly client: KubeClient;
  readonly nodes: Informer<Node>;
  /** Nodes that were found silent. */
  readonly silent: Set<string>;
  /** Of these, whose pods are to go. */
  readonly evicting: Set<string>;
  /** Silent nodes whose turn has not come. */
  readonly queue: Set<string>;
  readonly taints: Controller;
  /** When the next node may have its turn. */
  turnUs: number;
  isArmed: boolean;
}

export function startNodeLifecycle(lab: ComputeLab, power: NodePower, phases: StatusPhases): void {
  const room: LifecycleRoom = {
    lab,
    client: lab.client({ component: 'kube-controller-manager' }),
    nodes: lab.informer(NODES),
    silent: new Set(),
    evicting: new Set(),
    queue: new Set(),
    taints: lab.controller({
      name: 'node lifecycle',
      workers: 8,
      reconcile: (name) => reconcileTaints(room, name),
    }),
    turnUs: 0,
    isArmed: false,
  };
  lab.informer(PODS);
  room.nodes.onChange((now) => {
    if (now && !hasTaints(room, now)) room.taints.enqueue(now.metadata.name);
  });
  const watches = new Map<string, () => void>();
  power.onChange((node, down) => {
    watches.get(node)?.();
    watches.delete(node);
    if (!down) return lab.launch(foundAlive(room, node));
    const delayUs = untilFoundUs(room, node, phases);
    const found = () => lab.launch(foundSilent(room, node));
    watches.set(
      node,
      lab.clock.schedule(delayUs, () => lab.stopped || found()),
    );
  });
}

/**
 * The monitor looks every period; the grace period begins when it has seen the last sign of life,
 * and a kubelet renews its lease as often as it reports its status.
 */
function untilFoundUs({ lab }: LifecycleRoom, node: string, phases: StatusPhases): number {
  const { monitorPeriodUs, gracePeriodUs } = lab.parameters.nodeLifecycle;
  const nowUs = lab.clock.nowUs();
  const lastUs =
    phases.nextReportUs(node, nowUs + 1) - Math.max(1, lab.parameters.kubelet.statusIntervalUs);
  const seenUs = Math.ceil(lastUs / monitorPeriodUs) * monitorPeriodUs;
  return seenUs + gracePeriodUs - nowUs;
}

async function foundSilent(room: LifecycleRoom, name: string): Promise<void> {
  room.silent.add(name);
  room.queue.add(name);
  const before = room.nodes.get(undefined, name);
  if (!before) return;
  await forgiving(tell(room, before, 'silent'));
  room.taints.enqueue(name);
  takeTurns(room);
  await markPodsNotReady(room, name);
}

/** The kubelet is back, and posts how its node is. */
async function foundAlive(room: LifecycleRoom, name: string): Promise<void> {
  room.silent.delete(name);
  room.queue.delete(name);
  room.evicting.delete(name);
  const before = room.nodes.get(undefined, name);
  if (before) await forgiving(tell(room, before, 'alive'));
  room.taints.enqueue(name);
  takeTurns(room);
}

async function tell(
  { lab, client }: LifecycleRoom,
  node: Node,
  how: 'silent' | 'alive',
): Promise<void> {
  const { name } = node.metadata;
  const stamp = lab.stamp();
  const patch = how === 'alive' ? heartbeat(node, stamp) : unheard(node, stamp);
  await client.patch(NODES, { name }, patch, { subresource: 'status' });
}

function unheard({ status }: Node, stamp: string): unknown {
  const own = new Set(kubeletConditions(stamp).map(({ type }) => type));
  const conditions = status?.conditions?.map((condition) =>
    own.has(condition.type) ? { ...condition, ...UNHEARD, lastTransitionTime: stamp } : condition,
  );
  return { status: { conditions } };
}

const UNHEARD = {
  status: 'Unknown',
  reason: 'NodeStatusUnknown',
  message: 'Kubelet stopped posting node status.',
} as const;

async function markPodsNotReady({ lab, client }: LifecycleRoom, node: string): Promise<void> {
  for (const pod of lab.informer(PODS).values()) {
    if (pod.spec.nodeName !== node || !isTrue(pod.status?.conditions, 'Ready')) continue;
    const ready = { type: 'Ready', status: 'False' } as const;
    const conditions = withCondition(pod.status?.conditions, ready, lab.stamp());
    await forgiving(
      client.update(PODS, { ...pod, status: { ...pod.status, conditions } }, 'status'),
    );
  }
}

/** How the nodes of the zone are together; all are in one. */
function evictionRate({ lab, nodes, silent }: LifecycleRoom): number {
  const {
    evictionRate: usual,
    secondaryRate,
    unhealthyShare,
    largeCluster,
  } = lab.parameters.nodeLifecycle;
  const all = [...nodes.values()].length;
  const isDisrupted = silent.size > 2 && silent.size / all >= unhealthyShare;
  if (!isDisrupted) return usual;
  return all > largeCluster ? secondaryRate : 0;
}

/** Where nobody is heard, it is we who are deaf: nothing is evicted. */
function isDeaf({ nodes, silent }: LifecycleRoom): boolean {
  return [...nodes.values()].every(({ metadata }) => silent.has(metadata.name));
}

/** One node after the other has its pods evicted, so many a second. */
function takeTurns(room: LifecycleRoom): void {
  const { lab, queue, evicting } = room;
  if (isDeaf(room)) {
    for (const name of evicting) {
      queue.add(name);
      room.taints.enqueue(name);
    }
    evicting.clear();
    return;
  }
  const rate = evictionRate(room);
  const [first] = queue;
  if (first === undefined || rate === 0 || room.isArmed) return;
  room.isArmed = true;
  lab.clock.schedule(Math.max(0, room.turnUs - lab.clock.nowUs()), () => {
    room.isArmed = false;
    const [name] = queue;
    if (name === undefined || lab.stopped || isDeaf(room)) return;
    room.turnUs = lab.clock.nowUs() + SECOND / rate;
    queue.delete(name);
    evicting.add(name);
    room.taints.enqueue(name);
    takeTurns(room);
  });
}

type Taints = NonNullable<Node['spec']['taints']>;

/** The taints that the node is to have; those of others stay. */
function taintsFor({ silent, evicting }: LifecycleRoom, { metadata, spec, status }: Node): Taints {
  const { taints = [] } = spec;
  if (!silent.has(metadata.name) && !isTrue(status?.conditions, 'Ready')) return taints;
  const others = taints.filter(({ key }) => !KEPT_OUT.includes(key));
  const effects = [
    ...(silent.has(metadata.name) ? ['NoSchedule'] : []),
    ...(evicting.has(metadata.name) ? ['NoExecute'] : []),
  ];
  return [...others, ...effects.map((effect) => ({ key: UNREACHABLE, effect }))];
}

function hasTaints(room: LifecycleRoom, node: Node): boolean {
  const text = ({ key, effect }: Taints[number]) => `${key}:${effect}`;
  const wanted = new Set(taintsFor(room, node).map(text));
  const { taints = [] } = node.spec;
  return taints.length === wanted.size && taints.every((taint) => wanted.has(text(taint)));
}

/** The version keeps taints that others add meanwhile. */
async function reconcileTaints(room: LifecycleRoom, name: string): Promise<ReconcileResult> {
  const node = room.nodes.get(undefined, name);
  if (!node || hasTaints(room, node)) return undefined;
  const { resourceVersion } = node.metadata;
  const taints = taintsFor(room, node);
  await room.client.patch(NODES, { name }, { metadata: { resourceVersion }, spec: { taints } });
  return undefined;
}
