/**
 * The nodes under a plan's VMs, as far as it decides how long a step takes: what a selection of it
 * will find, who runs where (the scheduler spreads them evenly), and which nodes a step has taken
 * the power from. Times are from the moment at which that was asked.
 */

import { OUT_OF_SERVICE } from '../../api/taints.ts';
import { nodeName } from '../../parameters/derived.ts';
import type { Parameters } from '../../parameters/parameters.ts';
import { evenly } from './stations.ts';
import type { ObjectPlace, PlannedOperation, Selection } from '../plan.ts';

/** Nodes without power, and what has been done about them. */
export interface Outage {
  readonly nodes: readonly string[];
  /** Somebody says that nothing runs there any more: when. */
  fencedUs: number | undefined;
  isBack: boolean;
}

export interface Machines {
  /** VMs that are started there; those that run already stay where they are. */
  start(vms: readonly string[]): void;
  stop(vm: string): void;
  nodeOf(vm: string): string | undefined;
  /** They are moved to other nodes. */
  leave(vms: readonly string[]): void;
  /** What the selection will find; undefined where that is not known. */
  find(selection: Selection): readonly ObjectPlace[] | undefined;
  /** How many VMs run on nodes of this label; undefined where it says something else. */
  countOn(labels: string | undefined): number | undefined;
  /** The step takes power from these nodes, or gives it back. */
  switch(nodes: readonly string[], isOn: boolean): void;
  outage(): Outage | undefined;
}

/** What Metal3 takes for the wish that a server be off. */
const REBOOT = 'reboot.metal3.io/';

export function createMachines(parameters: Parameters): Machines {
  const { count } = parameters.nodes;
  const names = Array.from({ length: count }, (_, i) => nodeName(i, count));
  // In no order of theirs: few VMs are on slow and quick ones alike.
  const mixed = names
    .map((name, i) => ({ name, at: evenly(i) }))
    .sort((a, b) => a.at - b.at)
    .map(({ name }) => name);
  const places = new Map<string, string>();
  let next = 0;
  let outage: Outage | undefined;
  const place = (vm: string, nodes: readonly string[]) => {
    places.set(vm, nodes[next++ % nodes.length] ?? '');
  };
  const on = (node: string) =>
    [...places].flatMap(([vm, each]) => (each === node ? [{ namespace: '', name: vm }] : []));
  return {
    start(vms) {
      for (const vm of vms) if (!places.has(vm)) place(vm, mixed);
    },
    stop: (vm) => void places.delete(vm),
    nodeOf: (vm) => places.get(vm),
    leave(vms) {
      const left = new Set(vms.map((vm) => places.get(vm)));
      const others = mixed.filter((name) => !left.has(name));
      for (const vm of vms) place(vm, others.length > 0 ? others : mixed);
    },
    find({ of: { kind }, labels, fields, most }) {
      const cut = (found: readonly ObjectPlace[]) => found.slice(0, most);
      const named = nodeIn(labels, NODE_LABEL) ?? nodeIn(fields, NODE_FIELD);
      switch (kind) {
        case 'Node':
        case 'BareMetalHost':
          if (labels !== undefined || fields !== undefined) return undefined;
          return cut(names.map((name) => ({ namespace: '', name })));
        case 'VirtualMachineInstance':
          return named === undefined ? undefined : cut(on(named));
        case 'Pod':
          return labels === LAUNCHERS && named !== undefined ? cut(on(named)) : undefined;
        default:
          return undefined;
      }
    },
    countOn(labels) {
      const node = nodeIn(labels, NODE_LABEL);
      return node === undefined ? undefined : on(node).length;
    },
    switch(nodes, isOn) {
      if (!isOn) outage = { nodes, fencedUs: undefined, isBack: false };
      else if (outage !== undefined) outage.isBack = true;
    },
    outage: () => outage,
  };
}

const LAUNCHERS = 'kubevirt.io=virt-launcher';
const NODE_LABEL = 'kubevirt.io/nodeName';
const NODE_FIELD = 'spec.nodeName';

/** `worker-001` of `kubevirt.io/nodeName=worker-001`, where that is all it says. */
function nodeIn(selector: string | undefined, key: string): string | undefined {
  const [name, value, ...more] = selector?.split('=') ?? [];
  return name === key && more.length === 0 && !value?.includes(',') ? value : undefined;
}

/** Whether the operation switches a server on or off; undefined where it does neither. */
export function switchesOn({ kind, action }: PlannedOperation): boolean | undefined {
  if (kind !== 'BareMetalHost' || action?.do !== 'patch') return undefined;
  const { metadata } = action.patch as {
    readonly metadata?: { readonly annotations?: Readonly<Record<string, string | null>> };
  };
  const wish = Object.entries(metadata?.annotations ?? {}).find(([key]) => key.startsWith(REBOOT));
  return wish && wish[1] === null;
}

/** Whether the operation says that nothing runs on a node any more. */
export function fences({ kind, action }: PlannedOperation): boolean {
  if (kind !== 'Node' || action?.do !== 'taint') return false;
  const value = action.taints[OUT_OF_SERVICE];
  return value !== undefined && value !== null;
}
