/**
 * How many VMs of a mix a cluster takes, and each limit on the way with its arithmetic. `most` is
 * found by packing all resources together, so it can lie below every single limit.
 */

import { formatBytes } from '../core/bytes.ts';
import type { LauncherRules } from './launcher-request.ts';
import {
  DEFAULT_CPU_RATIO,
  DEFAULT_DEVICES_PER_NODE,
  DEFAULT_PODS_PER_NODE,
  type LimitKind,
  POOL_SHARES,
  RECOMMENDED_HOSTS,
  TESTED_HOSTS,
  TESTED_PODS_PER_NAMESPACE,
  TESTED_PODS_PER_NODE,
  TESTED_VMS,
} from './limits.ts';
import { amount, fillMix, fillResource, nodesToSpare, POD_COUNT, withoutLargest } from './mix.ts';
import type { NodeRoom } from './node-room.ts';
import { type Asked, pack } from './packing.ts';

export interface CapacityQuestion {
  /** Open nodes, with what runs there taken. */
  readonly rooms: readonly NodeRoom[];
  readonly mix: readonly Asked[];
  readonly rules: LauncherRules;
  /** Nodes that are taken to be gone, the largest. */
  readonly lost: number;
  readonly storage: StorageQuestion;
}

export interface StorageQuestion {
  /** Raw bytes, as Ceph counts them; undefined where no status shows them. */
  readonly pool: { readonly totalBytes: number; readonly usedBytes: number } | undefined;
  /** Raw bytes that a VM took in a run. */
  readonly measured: { readonly bytesPerVm: number; readonly run: string } | undefined;
}

export interface CapacityLimit {
  readonly name: string;
  /** VMs. */
  readonly allows: number;
  readonly kind: LimitKind;
  readonly source: string;
  readonly arithmetic: string;
}

export interface Capacity {
  readonly asked: number;
  /** Of those asked for. */
  readonly fits: number;
  /** Of this mix, by nodes and storage together. */
  readonly most: number;
  /** The binding limit first, then from the narrowest to the widest. */
  readonly limits: readonly CapacityLimit[];
  readonly unknown: readonly { readonly name: string; readonly why: string }[];
  readonly nodes: { readonly there: number; readonly lost: number; readonly toSpare: number };
  readonly notes: readonly string[];
}

export function computeCapacity(question: CapacityQuestion): Capacity {
  const { mix, lost, storage } = question;
  const rooms = withoutLargest(question.rooms, mix, lost);
  const { fits, asked } = pack(rooms, mix);
  const filled = fillMix(rooms, mix);
  const stored = storageLimit(storage);
  const pool = 'allows' in stored ? [stored] : [];
  const most = Math.min(filled.placed, ...pool.map(({ allows }) => allows));
  const limits = [
    ...nodeLimits({ ...question, rooms }, filled.placed),
    ...pool,
    ...testedLimits(rooms),
  ];
  const binding = most < filled.placed ? STORAGE : bindingName(filled.refusals);
  return {
    asked,
    fits: Math.min(fits, ...pool.map(({ allows }) => allows)),
    most,
    limits: bindingFirst(limits, binding),
    unknown: 'why' in stored ? [stored] : [],
    nodes: { there: rooms.length, lost, toSpare: nodesToSpare(rooms, mix) },
    notes: hostNotes(rooms.length),
  };
}

function bindingFirst(
  limits: readonly CapacityLimit[],
  binding: string | undefined,
): readonly CapacityLimit[] {
  const rank = ({ name }: CapacityLimit) => (name === binding ? 0 : 1);
  return [...limits].sort((a, b) => rank(a) - rank(b) || a.allows - b.allows);
}

/** By what most nodes said of the first VM that none took. */
function bindingName(refusals: ReadonlyMap<string, number>): string | undefined {
  const [first] = [...refusals].sort((a, b) => b[1] - a[1]);
  const resource = first?.[0].replace('Insufficient ', '').replace('Too many pods', POD_COUNT);
  return resource === undefined ? undefined : limitName(resource);
}

function limitName(resource: string): string {
  return NAMES[resource] ?? resource;
}

const STORAGE = 'storage';

const NAMES: Readonly<Record<string, string>> = {
  cpu: 'CPU requests',
  memory: 'memory',
  pods: 'pods a node',
};

/**
 * Where all resources together hold so many, one of them alone holds no fewer: filling nodes in
 * order is not the best filling there is.
 */
function nodeLimits(question: CapacityQuestion, together: number): readonly CapacityLimit[] {
  const { rooms, mix } = question;
  const devices = mix.flatMap(({ demand }) => demand.others.map(([name]) => name));
  return ['memory', 'cpu', POD_COUNT, ...new Set(devices)].flatMap((resource) => {
    const allows = Math.max(together, fillResource(rooms, mix, resource));
    if (!Number.isFinite(allows)) return [];
    return [{ name: limitName(resource), allows, ...describe(question, resource, allows) }];
  });
}

function describe(
  { rooms, mix, rules }: CapacityQuestion,
  resource: string,
  allows: number,
): Omit<CapacityLimit, 'name' | 'allows'> {
  const free = spread(rooms.map((room) => freeAmount(room, resource)));
  const has = `${range(free, resource)} free a node`;
  const each = `${grouped(rooms.length)} nodes, ${spreadText(allows, rooms.length)} a node`;
  const sizes = mix
    .map(({ name, demand }) => `${name} ${amountText(amount(demand, resource), resource)}`)
    .join(', ');
  switch (resource) {
    case 'cpu': {
      const ratio = rules.cpuAllocationRatio;
      const kind = ratio === DEFAULT_CPU_RATIO ? 'default' : 'hard';
      const arithmetic = `${has}; ${sizes} at ${ratio} vCPUs a CPU; ${each}`;
      return { kind, source: 'node allocatable; KubeVirt cpuAllocationRatio', arithmetic };
    }
    case 'memory': {
      const percent = rules.memoryOvercommitPercent ?? 100;
      const share = percent === 100 ? '' : ` at ${percent} % overcommit`;
      const arithmetic = `${has}; ${sizes} with launcher${share}; ${each}`;
      const source = "node allocatable; KubeVirt's launcher formula (renderresources.go)";
      return { kind: 'hard', source, arithmetic };
    }
    case POD_COUNT: {
      const usual = rooms.every(({ maxPods }) => DEFAULT_PODS_PER_NODE.has(maxPods));
      const arithmetic = `${has} (maxPods less pods there), 1 a VM; ${each}`;
      return { kind: usual ? 'default' : 'hard', source: 'node allocatable pods', arithmetic };
    }
    default: {
      const usual = rooms.every(({ others }) => others.get(resource) === DEFAULT_DEVICES_PER_NODE);
      const kind = usual ? 'default' : 'hard';
      return { kind, source: 'node allocatable', arithmetic: `${has}; ${sizes}; ${each}` };
    }
  }
}

function freeAmount(room: NodeRoom, resource: string): number {
  if (resource === 'cpu') return room.cpuMillis - room.usedCpu;
  if (resource === 'memory') return room.memoryBytes - room.usedMemory;
  if (resource === POD_COUNT) return room.maxPods - room.pods;
  return (room.others.get(resource) ?? 0) - (room.usedOthers.get(resource) ?? 0);
}

function spread(values: readonly number[]): readonly [number, number] {
  return values.length === 0 ? [0, 0] : [Math.min(...values), Math.max(...values)];
}

function range([least, most]: readonly [number, number], resource: string): string {
  const text = amountText(most, resource);
  const from = amountText(least, resource);
  return from === text ? text : `${from} to ${text}`;
}

function amountText(value: number, resource: string): string {
  if (resource === 'cpu') return `${Number((value / 1000).toFixed(2))} CPUs`;
  const isBytes = resource === 'memory' || /storage|hugepages/.test(resource);
  return isBytes ? formatBytes(value) : grouped(value);
}

/** `12,345`. */
function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

function spreadText(total: number, nodes: number): string {
  if (nodes === 0) return '0';
  const mean = total / nodes;
  return Number.isInteger(mean) ? grouped(mean) : `about ${grouped(Math.round(mean))}`;
}

function testedLimits(rooms: readonly NodeRoom[]): readonly CapacityLimit[] {
  const there = rooms.reduce((sum, { pods }) => sum + pods, 0);
  const perNode = TESTED_PODS_PER_NODE.value;
  const tested = { kind: 'tested' } as const;
  return [
    {
      name: 'VMs a cluster',
      allows: TESTED_VMS.value,
      ...tested,
      source: TESTED_VMS.source,
      arithmetic: `${grouped(TESTED_VMS.value)} defined VMs`,
    },
    {
      name: 'pods a node, tested',
      allows: Math.max(0, perNode * rooms.length - there),
      ...tested,
      source: TESTED_PODS_PER_NODE.source,
      arithmetic: `${perNode} x ${grouped(rooms.length)} nodes - ${grouped(there)} pods there`,
    },
    {
      name: 'pods a namespace',
      allows: TESTED_PODS_PER_NAMESPACE.value,
      ...tested,
      source: TESTED_PODS_PER_NAMESPACE.source,
      arithmetic: `${grouped(TESTED_PODS_PER_NAMESPACE.value)} in the one namespace of a run`,
    },
  ];
}

function storageLimit({
  pool,
  measured,
}: StorageQuestion): CapacityLimit | { readonly name: string; readonly why: string } {
  if (pool === undefined) {
    return { name: STORAGE, why: 'not known: no CephCluster shows its capacity' };
  }
  const writable = pool.totalBytes * POOL_SHARES.full;
  const arithmetic =
    `${formatBytes(pool.totalBytes)} raw x ${POOL_SHARES.full} (full)` +
    ` - ${formatBytes(pool.usedBytes)} used`;
  if (measured === undefined || measured.bytesPerVm <= 0) {
    const why = measured === undefined ? 'name a measured run: --run RUN' : 'the run shows no use';
    return { name: STORAGE, why: `not known what a VM takes of ${arithmetic}: ${why}` };
  }
  const { bytesPerVm, run } = measured;
  return {
    name: STORAGE,
    allows: Math.max(0, Math.floor((writable - pool.usedBytes) / bytesPerVm)),
    kind: 'hard',
    source: `measured in run ${run}; Ceph takes no writes when full`,
    arithmetic: `${arithmetic}; ${formatBytes(bytesPerVm)} raw a VM, deployed and booted`,
  };
}

function hostNotes(hosts: number): readonly string[] {
  const many = `${hosts} hosts are more than the ${TESTED_HOSTS.value} tested`;
  if (hosts > TESTED_HOSTS.value) return [`${many} (${TESTED_HOSTS.source})`];
  if (hosts <= RECOMMENDED_HOSTS.value) return [];
  const few = `${hosts} hosts are more than the ${RECOMMENDED_HOSTS.value} recommended a cluster`;
  return [`${few} (${RECOMMENDED_HOSTS.source})`];
}
