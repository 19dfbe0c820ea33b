/**
 * Which node a pod goes to: it must fit by CPU, memory and number of pods, and of the nodes where
 * it fits the least allocated is taken, ties at random. Amounts are integers (millicores, bytes),
 * so equal loads tie exactly and a wave no larger than the cluster gets a node for each VM.
 */

import { type Node, type Pod, SIMULATED_NODE } from '../../../api/compute.ts';
import { parseBytes, parseCpu } from '../../../core/bytes.ts';
import type { Rng } from '../../../core/rng.ts';
import { isDeleting } from './ownership.ts';

export interface PodRequest {
  readonly cpuMillis: number;
  readonly memoryBytes: number;
  readonly nodeSelector: Readonly<Record<string, string>> | undefined;
}

/** Why nodes refused a pod, and how many did for each reason. */
type Refusals = ReadonlyMap<string, number>;

export type PlacementDecision =
  | { readonly fits: true; readonly node: string }
  | { readonly fits: false; readonly refusals: Refusals; readonly nodes: number };

export interface Placement {
  putNode(node: Node): void;
  dropNode(name: string): void;
  choose(request: PodRequest): PlacementDecision;
  /** The pod takes its share of the node until it is released; again for another node moves it. */
  reserve(podUid: string, node: string, request: PodRequest): void;
  /** Whether anything was given back. */
  release(podUid: string): boolean;
  isReserved(podUid: string): boolean;
}

export function createPlacement(rng: Rng): Placement {
  const shelves = new Map<string, Shelf>();
  const reserved = new Map<string, { readonly node: string; readonly request: PodRequest }>();
  const add = (node: string, request: PodRequest, sign: 1 | -1) => {
    const shelf = getShelf(shelves, node);
    shelf.usedCpu += sign * request.cpuMillis;
    shelf.usedMemory += sign * request.memoryBytes;
    shelf.pods += sign;
  };
  const release = (podUid: string) => {
    const held = reserved.get(podUid);
    if (!held) return false;
    reserved.delete(podUid);
    add(held.node, held.request, -1);
    return true;
  };
  return {
    putNode(node) {
      const shelf = getShelf(shelves, node.metadata.name);
      Object.assign(shelf, readCapacity(node));
    },
    dropNode(name) {
      const shelf = shelves.get(name);
      if (shelf) shelf.open = false;
    },
    choose: (request) => choose(shelves, request, rng),
    reserve(podUid, node, request) {
      if (reserved.get(podUid)?.node === node) return;
      release(podUid);
      reserved.set(podUid, { node, request });
      add(node, request, 1);
    },
    release,
    isReserved: (podUid) => reserved.has(podUid),
  };
}

/** What a pod asks for, summed over its containers. */
export function readRequest(pod: Pod): PodRequest {
  let cpuMillis = 0;
  let memoryBytes = 0;
  for (const { resources } of pod.spec.containers) {
    cpuMillis += Math.round((parseCpu(resources?.requests?.['cpu'] ?? '') ?? 0) * 1000);
    memoryBytes += parseBytes(resources?.requests?.['memory'] ?? '') ?? 0;
  }
  return { cpuMillis, memoryBytes, nodeSelector: pod.spec.nodeSelector };
}

/** kube-scheduler's words for a pod that fits nowhere. */
export function unschedulableMessage({ refusals, nodes }: PlacementDecision & { fits: false }) {
  const reasons = [...refusals].map(([reason, count]) => `${count} ${reason}`).sort();
  return `0/${nodes} nodes are available: ${reasons.join(', ')}.`;
}

interface Shelf extends Capacity {
  readonly name: string;
  usedCpu: number;
  usedMemory: number;
  pods: number;
}

interface Capacity {
  /** Ready, and not cordoned. */
  open: boolean;
  labels: Readonly<Record<string, string>>;
  cpuMillis: number;
  memoryBytes: number;
  maxPods: number;
}

function getShelf(shelves: Map<string, Shelf>, name: string): Shelf {
  let shelf = shelves.get(name);
  if (!shelf) {
    shelf = { name, ...CLOSED, usedCpu: 0, usedMemory: 0, pods: 0 };
    shelves.set(name, shelf);
  }
  return shelf;
}

const CLOSED: Capacity = { open: false, labels: {}, cpuMillis: 0, memoryBytes: 0, maxPods: 0 };

function readCapacity(node: Node): Capacity {
  const { allocatable, conditions } = node.status ?? {};
  const ready = conditions?.find(({ type }) => type === 'Ready')?.status ?? 'True';
  // Whatever is placed here is to run on simulated nodes.
  const tainted =
    node.spec.taints?.some(
      ({ key, effect }) => effect !== 'PreferNoSchedule' && key !== SIMULATED_NODE,
    ) ?? false;
  const cordoned = node.spec.unschedulable === true || tainted;
  return {
    open: ready === 'True' && !cordoned && !isDeleting(node),
    labels: node.metadata.labels ?? {},
    cpuMillis: (parseCpu(allocatable?.['cpu'] ?? '') ?? 0) * 1000,
    memoryBytes: parseBytes(allocatable?.['memory'] ?? '') ?? 0,
    maxPods: Number(allocatable?.['pods'] ?? 0),
  };
}

function choose(
  shelves: ReadonlyMap<string, Shelf>,
  request: PodRequest,
  rng: Rng,
): PlacementDecision {
  let best: Shelf | undefined;
  let bestScore = Number.POSITIVE_INFINITY;
  let ties = 0;
  for (const shelf of shelves.values()) {
    if (findRefusal(shelf, request) !== undefined) continue;
    const score = allocatedShare(shelf, request);
    if (score > bestScore) continue;
    ties = score < bestScore ? 1 : ties + 1;
    bestScore = score;
    // Each of n ties ends up chosen with probability 1/n.
    if (ties === 1 || rng.integer(ties) === 0) best = shelf;
  }
  if (best) return { fits: true, node: best.name };
  return { fits: false, refusals: refusals(shelves, request), nodes: shelves.size };
}

/** NodeResourcesLeastAllocated: the mean share of CPU and memory asked for with this pod on it. */
function allocatedShare(shelf: Shelf, request: PodRequest): number {
  return (
    (shelf.usedCpu + request.cpuMillis) / shelf.cpuMillis +
    (shelf.usedMemory + request.memoryBytes) / shelf.memoryBytes
  );
}

function findRefusal(shelf: Shelf, request: PodRequest): string | undefined {
  if (!shelf.open) return 'node(s) were unschedulable';
  if (!matches(shelf.labels, request.nodeSelector)) {
    return "node(s) didn't match Pod's node affinity/selector";
  }
  if (shelf.pods >= shelf.maxPods) return 'Too many pods';
  if (shelf.usedCpu + request.cpuMillis > shelf.cpuMillis) return 'Insufficient cpu';
  if (shelf.usedMemory + request.memoryBytes > shelf.memoryBytes) return 'Insufficient memory';
  return undefined;
}

function refusals(shelves: ReadonlyMap<string, Shelf>, request: PodRequest): Refusals {
  const counts = new Map<string, number>();
  for (const shelf of shelves.values()) {
    const reason = findRefusal(shelf, request);
    if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return counts;
}

function matches(
  labels: Readonly<Record<string, string>>,
  selector: Readonly<Record<string, string>> | undefined,
): boolean {
  for (const key in selector) if (labels[key] !== selector[key]) return false;
  return true;
}
