/**
 * How many VMs find a node: placed one by one as the scheduler places them, onto what the pods
 * that are there leave. Sums over nodes would promise what no single node can hold.
 */

import type { Node, Pod } from '../api/compute.ts';
import { emptyRoom, type NodeRoom, refusal, setCapacity, take } from './node-room.ts';
import { type PodDemand, podDemand } from './pod-demand.ts';
import { stockRooms } from './room-stock.ts';

export interface Asked {
  readonly name: string;
  readonly count: number;
  readonly demand: PodDemand;
}

export interface Packing {
  /** Placed of each, in the order of asking. */
  readonly placed: readonly number[];
  readonly fits: number;
  readonly asked: number;
  /** Why the first that found no node found none, and how many nodes said so. */
  readonly refusals: ReadonlyMap<string, number>;
}

/** Of these nodes, with what runs there taken; `tolerated` is a taint that does not count. */
export function makeRooms(
  nodes: readonly Node[],
  pods: readonly Pod[],
  tolerated: string,
): readonly NodeRoom[] {
  const rooms = new Map<string, NodeRoom>();
  for (const node of nodes) {
    const room = emptyRoom(node.metadata.name);
    setCapacity(room, node, tolerated);
    rooms.set(room.name, room);
  }
  for (const pod of pods) {
    const room = rooms.get(pod.spec.nodeName ?? '');
    const ended = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
    if (room && !ended) take(room, podDemand(pod));
  }
  return [...rooms.values()];
}

/** In the order of asking; the rooms are left as they are. */
export function pack(rooms: readonly NodeRoom[], asked: readonly Asked[]): Packing {
  const stock = stockRooms(
    rooms,
    asked.map(({ demand }) => demand),
  );
  let refusals: ReadonlyMap<string, number> = new Map();
  const placed = asked.map(({ count, demand }) => {
    for (let i = 0; i < count; i++) {
      if (stock.place(demand)) continue;
      if (refusals.size === 0) refusals = stock.countRefusals(demand);
      return i;
    }
    return count;
  });
  const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
  return {
    placed,
    fits: total(placed),
    asked: total(asked.map(({ count }) => count)),
    refusals,
  };
}

/** How many more of one shape each room holds; 0 where it refuses the shape altogether. */
export function countPerRoom(rooms: readonly NodeRoom[], demand: PodDemand): readonly number[] {
  return rooms.map((room) => {
    if (refusal(room, demand) !== undefined) return 0;
    const limits = [
      share(room.cpuMillis - room.usedCpu, demand.cpuMillis),
      share(room.memoryBytes - room.usedMemory, demand.memoryBytes),
      room.maxPods - room.pods,
      ...demand.others.map(([name, amount]) =>
        share((room.others.get(name) ?? 0) - (room.usedOthers.get(name) ?? 0), amount),
      ),
    ];
    return Math.max(0, Math.min(...limits));
  });
}

function share(free: number, each: number): number {
  return each === 0 ? Number.POSITIVE_INFINITY : Math.floor(free / each);
}
