/**
 * Nodes by what is free on them: those that are alike are looked at once. Places pods as the
 * scheduler does, one after the other, and leaves the rooms that it was made from as they are.
 */

import { chooseRoom, type NodeRoom, refusal, take } from './node-room.ts';
import type { PodDemand } from './pod-demand.ts';

export interface RoomStock {
  /** Whether a node took the pod. */
  place(demand: PodDemand): boolean;
  /** Why nodes refuse the pod, and how many say so. */
  countRefusals(demand: PodDemand): ReadonlyMap<string, number>;
}

interface Alike {
  readonly room: NodeRoom;
  /** Of their sizes and of the labels that are asked for: nothing that placing changes. */
  readonly kind: string;
  count: number;
}

/** `demands` are all that will be placed: only labels that they select by tell nodes apart. */
export function stockRooms(rooms: readonly NodeRoom[], demands: readonly PodDemand[]): RoomStock {
  const selected = new Set(demands.flatMap(({ nodeSelector }) => Object.keys(nodeSelector ?? {})));
  const groups = new Map<string, Alike>();
  const put = (room: NodeRoom, kind: string) => {
    const key = `${kind} ${usedKey(room)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { room, kind, count: 1 });
    else group.count += 1;
    return key;
  };
  const keys = new Map<NodeRoom, string>();
  for (const room of rooms) put(copyRoom(room), kindKey(room, selected));
  for (const [key, { room }] of groups) keys.set(room, key);
  return {
    place(demand) {
      const chosen = chooseRoom(keys.keys(), demand, keepFirst);
      const key = chosen && keys.get(chosen);
      const group = key === undefined ? undefined : groups.get(key);
      if (chosen === undefined || key === undefined || group === undefined) return false;
      group.count -= 1;
      if (group.count === 0) {
        groups.delete(key);
        keys.delete(chosen);
      }
      const fuller = group.count === 0 ? chosen : copyRoom(chosen);
      take(fuller, demand);
      const next = put(fuller, group.kind);
      if (groups.get(next)?.room === fuller) keys.set(fuller, next);
      return true;
    },
    countRefusals(demand) {
      const counts = new Map<string, number>();
      for (const { room, count } of groups.values()) {
        const reason = refusal(room, demand);
        if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + count);
      }
      return counts;
    },
  };
}

/** Equal nodes are alike, so any of them gives the same count. */
const keepFirst = () => 1;

function copyRoom(room: NodeRoom): NodeRoom {
  return { ...room, usedOthers: new Map(room.usedOthers) };
}

function kindKey(room: NodeRoom, selected: ReadonlySet<string>): string {
  const labels = [...selected].map((name) => room.labels[name] ?? null);
  const { open, cpuMillis, memoryBytes, maxPods, others } = room;
  return JSON.stringify([open, cpuMillis, memoryBytes, maxPods, [...others], labels]);
}

function usedKey({ usedCpu, usedMemory, pods, usedOthers }: NodeRoom): string {
  let key = `${usedCpu} ${usedMemory} ${pods}`;
  for (const [name, amount] of usedOthers) key += ` ${name} ${amount}`;
  return key;
}
