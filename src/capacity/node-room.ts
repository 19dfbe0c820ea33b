/**
 * Whether a pod fits a node, and which of the nodes it would be given: kube-scheduler's filter and
 * its preference for the least allocated. The simulated scheduler decides by this file, and so
 * does whoever asks beforehand how many will fit: two answers could not differ.
 */

import type { Node } from '../api/compute.ts';
import { parseBytes, parseCpu } from '../core/bytes.ts';
import type { PodDemand } from './pod-demand.ts';

/** A node and what is taken of it. */
export interface NodeRoom {
  readonly name: string;
  /** Ready, and open to new pods. */
  open: boolean;
  labels: Readonly<Record<string, string>>;
  cpuMillis: number;
  memoryBytes: number;
  maxPods: number;
  /** Allocatable amounts of everything else. */
  others: ReadonlyMap<string, number>;
  usedCpu: number;
  usedMemory: number;
  pods: number;
  readonly usedOthers: Map<string, number>;
}

export function emptyRoom(name: string): NodeRoom {
  return {
    name,
    open: false,
    labels: {},
    cpuMillis: 0,
    memoryBytes: 0,
    maxPods: 0,
    others: NOTHING,
    usedCpu: 0,
    usedMemory: 0,
    pods: 0,
    usedOthers: new Map(),
  };
}

const NOTHING: ReadonlyMap<string, number> = new Map();

/** Brings a room to what its node says; `tolerated` is the key of a taint that does not count. */
export function setCapacity(room: NodeRoom, node: Node, tolerated: string): void {
  const { allocatable = {}, conditions } = node.status ?? {};
  const ready = conditions?.find(({ type }) => type === 'Ready')?.status ?? 'True';
  const tainted =
    node.spec.taints?.some(
      ({ key, effect }) => effect !== 'PreferNoSchedule' && key !== tolerated,
    ) ?? false;
  const leaves = node.metadata.deletionTimestamp !== undefined;
  room.open = ready === 'True' && node.spec.unschedulable !== true && !tainted && !leaves;
  room.labels = node.metadata.labels ?? {};
  room.cpuMillis = (parseCpu(allocatable['cpu'] ?? '') ?? 0) * 1000;
  room.memoryBytes = parseBytes(allocatable['memory'] ?? '') ?? 0;
  room.maxPods = Number(allocatable['pods'] ?? 0);
  room.others = new Map(
    Object.entries(allocatable)
      .filter(([name]) => !COUNTED.has(name))
      .map(([name, text]) => [name, parseBytes(text) ?? 0]),
  );
}

const COUNTED: ReadonlySet<string> = new Set(['cpu', 'memory', 'pods']);

/** The pod takes its share, or with -1 gives it back. */
export function take(room: NodeRoom, demand: PodDemand, sign: 1 | -1 = 1): void {
  room.usedCpu += sign * demand.cpuMillis;
  room.usedMemory += sign * demand.memoryBytes;
  room.pods += sign;
  for (const [name, amount] of demand.others) {
    room.usedOthers.set(name, (room.usedOthers.get(name) ?? 0) + sign * amount);
  }
}

/** Why the node refuses the pod, in kube-scheduler's words; undefined where it fits. */
export function refusal(room: NodeRoom, demand: PodDemand): string | undefined {
  if (!room.open) return 'node(s) were unschedulable';
  if (!matches(room.labels, demand.nodeSelector)) {
    return "node(s) didn't match Pod's node affinity/selector";
  }
  if (room.pods >= room.maxPods) return 'Too many pods';
  if (room.usedCpu + demand.cpuMillis > room.cpuMillis) return 'Insufficient cpu';
  if (room.usedMemory + demand.memoryBytes > room.memoryBytes) return 'Insufficient memory';
  for (const [name, amount] of demand.others) {
    const there = room.others.get(name) ?? 0;
    if ((room.usedOthers.get(name) ?? 0) + amount > there) return `Insufficient ${name}`;
  }
  return undefined;
}

/**
 * The node that a pod is given: of those where it fits the least allocated. `tie(n)` draws one of
 * n, and is asked for each node that is as good as the best so far.
 */
export function chooseRoom(
  rooms: Iterable<NodeRoom>,
  demand: PodDemand,
  tie: (n: number) => number,
): NodeRoom | undefined {
  let best: NodeRoom | undefined;
  let bestScore = Number.POSITIVE_INFINITY;
  let ties = 0;
  for (const room of rooms) {
    if (refusal(room, demand) !== undefined) continue;
    const score = allocatedShare(room, demand);
    if (score > bestScore) continue;
    ties = score < bestScore ? 1 : ties + 1;
    bestScore = score;
    // Each of n ties ends up chosen with probability 1/n.
    if (ties === 1 || tie(ties) === 0) best = room;
  }
  return best;
}

/** NodeResourcesLeastAllocated: the mean share of CPU and memory asked for with this pod on it. */
function allocatedShare(room: NodeRoom, demand: PodDemand): number {
  return (
    (room.usedCpu + demand.cpuMillis) / room.cpuMillis +
    (room.usedMemory + demand.memoryBytes) / room.memoryBytes
  );
}

function matches(
  labels: Readonly<Record<string, string>>,
  selector: Readonly<Record<string, string>> | undefined,
): boolean {
  for (const key in selector) if (labels[key] !== selector[key]) return false;
  return true;
}
