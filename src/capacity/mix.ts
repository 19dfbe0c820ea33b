/**
 * How many VMs of a mix fit, kept in its proportions: placed as the scheduler places them, until
 * the first finds no node.
 */

import type { NodeRoom } from './node-room.ts';
import { type Asked, countPerRoom, pack } from './packing.ts';
import type { PodDemand } from './pod-demand.ts';
import { stockRooms } from './room-stock.ts';

export interface FilledMix {
  readonly placed: number;
  /** Why the next one found no node, and how many nodes said so. */
  readonly refusals: ReadonlyMap<string, number>;
}

/** The most of this mix that the rooms take. They are left as they are. */
export function fillMix(rooms: readonly NodeRoom[], mix: readonly Asked[]): FilledMix {
  const weighted = mix.filter(({ count }) => count > 0);
  const placed = weighted.map(() => 0);
  const [only] = weighted;
  if (only === undefined) return { placed: 0, refusals: new Map() };
  const stock = stockRooms(
    rooms,
    weighted.map(({ demand }) => demand),
  );
  for (let total = 0; ; total++) {
    const index = furthestBehind(weighted, placed);
    const { demand } = weighted[index] ?? only;
    if (!stock.place(demand)) return { placed: total, refusals: stock.countRefusals(demand) };
    placed[index] = (placed[index] ?? 0) + 1;
  }
}

/** Which of the mix has the least of its share. */
function furthestBehind(mix: readonly Asked[], placed: readonly number[]): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [i, { count }] of mix.entries()) {
    const share = (placed[i] ?? 0) / count;
    if (share < least) [best, least] = [i, share];
  }
  return best;
}

/** The most of this mix as far as one resource goes, as if there were enough of all others. */
export function fillResource(
  rooms: readonly NodeRoom[],
  mix: readonly Asked[],
  resource: string,
): number {
  const spacious = rooms.map((room) => ({ ...room, maxPods: podsFor(resource, room) }));
  const narrowed = mix
    .filter(({ count }) => count > 0)
    .map((asked) => ({ ...asked, demand: onlyOf(asked.demand, resource) }));
  const [first] = narrowed;
  if (first === undefined) return 0;
  if (narrowed.every(({ demand }) => amount(demand, resource) === amount(first.demand, resource))) {
    return countPerRoom(spacious, first.demand).reduce((sum, count) => sum + count, 0);
  }
  return fillMix(spacious, narrowed).placed;
}

/** The resource by which a pod is one pod. */
export const POD_COUNT = 'pods';

function podsFor(resource: string, { maxPods }: NodeRoom): number {
  return resource === POD_COUNT ? maxPods : Number.POSITIVE_INFINITY;
}

function onlyOf(demand: PodDemand, resource: string): PodDemand {
  return {
    nodeSelector: demand.nodeSelector,
    cpuMillis: resource === 'cpu' ? demand.cpuMillis : 0,
    memoryBytes: resource === 'memory' ? demand.memoryBytes : 0,
    others: demand.others.filter(([name]) => name === resource),
  };
}

/** Millicores, bytes, or a number. */
export function amount({ cpuMillis, memoryBytes, others }: PodDemand, resource: string): number {
  if (resource === 'cpu') return cpuMillis;
  if (resource === 'memory') return memoryBytes;
  if (resource === POD_COUNT) return 1;
  return others.find(([name]) => name === resource)?.[1] ?? 0;
}

/** The rooms without the `count` that hold the most of the mix: the worst that can be lost. */
export function withoutLargest(
  rooms: readonly NodeRoom[],
  mix: readonly Asked[],
  count: number,
): readonly NodeRoom[] {
  const holds = rooms.map(() => 0);
  for (const { demand, count: weight } of mix) {
    countPerRoom(rooms, demand).forEach((n, i) => (holds[i] = (holds[i] ?? 0) + n * weight));
  }
  const order = rooms.map((_, i) => i).sort((a, b) => (holds[b] ?? 0) - (holds[a] ?? 0));
  const gone = new Set(order.slice(0, count));
  return rooms.filter((_, i) => !gone.has(i));
}

/** How many nodes may go, the largest first, and all that is asked still fits. */
export function nodesToSpare(rooms: readonly NodeRoom[], mix: readonly Asked[]): number {
  const fits = (lost: number) => {
    const { fits: placed, asked } = pack(withoutLargest(rooms, mix, lost), mix);
    return placed === asked;
  };
  if (!fits(0)) return 0;
  let low = 0;
  let high = rooms.length;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}
