/**
 * Which node a pod goes to: it must fit by CPU, memory, devices and number of pods, and of the
 * nodes where it fits the least allocated is taken, ties at random. Amounts are integers, so equal
 * loads tie exactly and a wave no larger than the cluster gets a node for each VM.
 */

import { type Node, SIMULATED_NODE } from '../../../api/compute.ts';
import {
  chooseRoom,
  emptyRoom,
  type NodeRoom,
  refusal,
  setCapacity,
  take,
} from '../../../capacity/node-room.ts';
import type { PodDemand } from '../../../capacity/pod-demand.ts';
import type { Rng } from '../../../core/rng.ts';
import type { Neighbours } from './pod-affinity.ts';

/** Why nodes refused a pod, and how many did for each reason. */
type Refusals = ReadonlyMap<string, number>;

export type PlacementDecision =
  | { readonly fits: true; readonly node: string }
  | { readonly fits: false; readonly refusals: Refusals; readonly nodes: number };

export interface Placement {
  /** Number of nodes. */
  readonly size: number;
  putNode(node: Node): void;
  dropNode(name: string): void;
  choose(demand: PodDemand, neighbours?: Neighbours): PlacementDecision;
  /** The pod takes its share of the node until it is released; again for another node moves it. */
  reserve(podUid: string, node: string, demand: PodDemand): void;
  /** Whether anything was given back. */
  release(podUid: string): boolean;
  isReserved(podUid: string): boolean;
}

export function createPlacement(rng: Rng): Placement {
  const rooms = new Map<string, NodeRoom>();
  const reserved = new Map<string, { readonly room: NodeRoom; readonly demand: PodDemand }>();
  const getRoom = (name: string) => {
    let room = rooms.get(name);
    if (!room) {
      room = emptyRoom(name);
      rooms.set(name, room);
    }
    return room;
  };
  const release = (podUid: string) => {
    const held = reserved.get(podUid);
    if (!held) return false;
    reserved.delete(podUid);
    take(held.room, held.demand, -1);
    return true;
  };
  return {
    get size() {
      return rooms.size;
    },
    // Whatever is placed here is to run on simulated nodes.
    putNode: (node) => setCapacity(getRoom(node.metadata.name), node, SIMULATED_NODE),
    dropNode(name) {
      const room = rooms.get(name);
      if (room) room.open = false;
    },
    choose(demand, neighbours) {
      const open = neighbours ? allowed(rooms.values(), neighbours) : [...rooms.values()];
      const wished = open.filter(({ name }) => neighbours?.preferred.has(name));
      const tie = (n: number) => rng.integer(n);
      // A wish of this weight counts more than any share that is taken of a node.
      const room = chooseRoom(wished, demand, tie) ?? chooseRoom(open, demand, tie);
      if (room) return { fits: true, node: room.name };
      return { fits: false, refusals: refusals(rooms.values(), demand), nodes: rooms.size };
    },
    reserve(podUid, node, demand) {
      if (reserved.get(podUid)?.room.name === node) return;
      release(podUid);
      const room = getRoom(node);
      reserved.set(podUid, { room, demand });
      take(room, demand);
    },
    release,
    isReserved: (podUid) => reserved.has(podUid),
  };
}

function allowed(
  rooms: Iterable<NodeRoom>,
  { refused, required }: Neighbours,
): readonly NodeRoom[] {
  return [...rooms].filter(({ name }) => !refused.has(name) && (required?.has(name) ?? true));
}

/** kube-scheduler's words for a pod that fits nowhere. */
export function unschedulableMessage({ refusals, nodes }: PlacementDecision & { fits: false }) {
  const reasons = [...refusals].map(([reason, count]) => `${count} ${reason}`).sort();
  return `0/${nodes} nodes are available: ${reasons.join(', ')}.`;
}

function refusals(rooms: Iterable<NodeRoom>, demand: PodDemand): Refusals {
  const counts = new Map<string, number>();
  for (const room of rooms) {
    const reason = refusal(room, demand);
    if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return counts;
}
