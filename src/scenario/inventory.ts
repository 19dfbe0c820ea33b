/**
 * Which VMs exist and run before each step, known without any cluster: a scenario's steps depend
 * only on the steps before them. Indices count from 1 and are never used twice.
 */

import type { CloneSource } from './scenario.ts';

export type VmState = 'stopped' | 'started' | 'deleted';

export interface Inventory {
  /** New VMs of a template, stopped; counts on from earlier steps. */
  deploy(template: string, count: number): readonly number[];
  /** VMs of a template in one of `states`, lowest index first. */
  inState(template: string, states: readonly VmState[]): readonly number[];
  move(template: string, indices: readonly number[], state: VmState): void;
  /** First number of `count` new clones. */
  clone(image: string, source: CloneSource, count: number): number;
}

export function createInventory(): Inventory {
  const vms = new Map<string, VmState[]>();
  const clones = new Map<string, number>();
  const of = (template: string) => {
    const states = vms.get(template) ?? [];
    vms.set(template, states);
    return states;
  };
  return {
    deploy(template, count) {
      const states = of(template);
      return Array.from({ length: count }, () => states.push('stopped'));
    },
    inState(template, wanted) {
      return of(template).flatMap((state, i) => (wanted.includes(state) ? [i + 1] : []));
    },
    move(template, indices, state) {
      const states = of(template);
      for (const index of indices) states[index - 1] = state;
    },
    clone(image, source, count) {
      const key = `${image}/${source}`;
      const first = (clones.get(key) ?? 0) + 1;
      clones.set(key, first + count - 1);
      return first;
    },
  };
}
