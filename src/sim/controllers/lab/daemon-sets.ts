/** The DaemonSet controller: a pod on each node that the selector names, and a count of them. */

import type { Node, Pod } from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import { NODES, PODS } from '../../../api/resources.ts';
import { createOnce } from '../../../kube/create-once.ts';
import { type Informer, makeObjectKey, objectKey, splitKey } from '../../../kube/informer.ts';
import { controllerReference, findController, isControlledBy } from '../chassis/ownership.ts';
import { DAEMON_SETS, type Loose } from './kinds.ts';
import { ensure, isReady, type LabRoom, suffix, writeStatus } from './room.ts';

export function startDaemonSets(room: LabRoom): void {
  const { lab } = room;
  const nodes = lab.informer(NODES);
  const pods = lab.informer(PODS);
  const sets = lab.informer(DAEMON_SETS);
  const controller = lab.controller({
    name: 'daemonset',
    workers: 2,
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const set = sets.get(namespace, name);
      if (set) await sync(room, set, { nodes, pods });
      return undefined;
    },
  });
  sets.onChange((now) => now && controller.enqueue(makeObjectKey(now)));
  pods.onChange((now, before) => {
    const pod = now ?? before;
    const owner = pod && findController(pod, DAEMON_SETS.kind);
    if (pod && owner) controller.enqueue(objectKey(pod.metadata.namespace, owner.name));
  });
  nodes.onChange((now, before) => {
    if (now?.metadata.labels === before?.metadata.labels) return;
    for (const set of sets.values()) controller.enqueue(makeObjectKey(set));
  });
}

interface Around {
  readonly nodes: Informer<Node>;
  readonly pods: Informer<Pod>;
}

async function sync(room: LabRoom, set: Loose, { nodes, pods }: Around): Promise<void> {
  const { template } = set.spec as { readonly template: Template };
  const wanted = [...nodes.values()].filter((node) => matches(node, template.spec.nodeSelector));
  const there = [...pods.values()].filter((pod) => isControlledBy(pod, set));
  const taken = new Set(there.map(({ spec }) => spec.nodeName));
  const missing = wanted.filter(({ metadata }) => !taken.has(metadata.name));
  await Promise.all(missing.map((node) => createPod(room, set, template, node.metadata.name)));
  const ready = there.filter(isReady).length;
  await writeStatus(room, DAEMON_SETS, set, {
    desiredNumberScheduled: wanted.length,
    currentNumberScheduled: there.length,
    updatedNumberScheduled: there.length,
    numberMisscheduled: 0,
    numberReady: ready,
    numberAvailable: ready,
    observedGeneration: set.metadata.generation,
  });
}

interface Template {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: Pod['spec'];
}

export function matches({ metadata }: KubeObject, selector: Readonly<Record<string, string>> = {}) {
  return Object.entries(selector).every(([key, value]) => metadata.labels?.[key] === value);
}

async function createPod(room: LabRoom, set: Loose, template: Template, node: string) {
  const { name, namespace = '' } = set.metadata;
  await createOnce(room.client, PODS, {
    apiVersion: 'v1',
    kind: PODS.kind,
    metadata: {
      name: `${name}-${suffix(room, `${name} on ${node}`)}`,
      namespace,
      labels: template.metadata.labels,
      ownerReferences: [controllerReference(set)],
    },
    spec: { ...template.spec, nodeName: node },
  });
}

export interface Daemon {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Of the nodes that have one. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly owner: KubeObject;
}

export async function ensureDaemon(room: LabRoom, daemon: Daemon): Promise<void> {
  const { name, namespace, labels, nodeSelector, owner } = daemon;
  const container = { name, image: OPERAND_IMAGE };
  await ensure(room, DAEMON_SETS, {
    apiVersion: 'apps/v1',
    kind: DAEMON_SETS.kind,
    metadata: { name, namespace, labels, ownerReferences: [controllerReference(owner)] },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { nodeSelector, containers: [container] } },
    },
  });
}

/** Images of operators are on no node before; the first pod there waits for the pull. */
export const OPERAND_IMAGE = 'registry.example/operand';

/** How many of it there are to be, and are ready; undefined where nobody has counted yet. */
export function daemonCounts(sets: Informer<Loose>, namespace: string | undefined, name: string) {
  const { desiredNumberScheduled: desired, numberReady: ready } = (sets.get(namespace, name)
    ?.status ?? {}) as { readonly desiredNumberScheduled?: number; readonly numberReady?: number };
  return desired === undefined ? undefined : { desired, ready: ready ?? 0 };
}

export function isComplete(counts: ReturnType<typeof daemonCounts>): boolean {
  return counts !== undefined && counts.desired > 0 && counts.ready === counts.desired;
}
