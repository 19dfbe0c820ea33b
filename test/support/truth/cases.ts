/** The faults under which the measurement has to hold, one case each, and all of them together. */

import type { VirtualMachineInstance } from '../../../src/api/compute.ts';
import { MILLISECOND, SECOND } from '../../../src/core/duration.ts';
import type { SimFaults } from '../../../src/sim/simulator.ts';

export interface FaultCase {
  readonly name: string;
  readonly faults?: SimFaults;
  /** Somebody else deletes objects of the run and creates them again. */
  readonly vandal?: boolean;
  /** Nobody looks at any clock: stamps are then of no use. */
  readonly clocksUnwatched?: boolean;
}

const lostVolumes = { losesVolume: ({ metadata }: Named) => everyEighth(metadata.name) };
const neverBoots = ({ metadata }: VirtualMachineInstance) => everyEighth(metadata.name);
const copies = {
  copiesInstead: ({ metadata }: Named) =>
    everyEighth(metadata.name) ? 'The source and target volume modes differ' : undefined,
};

export const FAULT_CASES: readonly FaultCase[] = [
  { name: 'no faults, clocks left alone', clocksUnwatched: true },
  { name: 'no faults' },
  plan('watch cut every 25 events', { cutEveryEvents: 25 }),
  plan('watch cut about every 20 s', { cutEveryUs: 20 * SECOND }),
  plan('cut, history compacted: 410', { cutEveryUs: 20 * SECOND, cutCompacts: true }),
  plan('bookmarks only for 6 s, then all', { stall: { everyUs: 20 * SECOND, forUs: 6 * SECOND } }),
  plan('duplicate events', { duplicateRate: 0.3 }),
  plan('updates merged within 2 s', { coalesceUs: 2 * SECOND }),
  plan('updates merged within 400 ms', { coalesceUs: 400 * MILLISECOND }),
  plan('delivery late by up to 5 s', { delay: { rate: 0.05, maxUs: 5 * SECOND } }),
  plan('429 with Retry-After', { throttle: { rate: 0.2, retryAfterSeconds: 1 } }),
  plan('5xx on writes', { errorRate: 0.2 }),
  plan('create responses lost', { loseCreateRate: 0.3 }),
  {
    name: 'API server restarts',
    faults: { plan: { restart: { everyUs: 45 * SECOND, forUs: 6 * SECOND } }, befalls: 'everyone' },
  },
  {
    name: 'controllers cut, late and refused too',
    faults: {
      plan: {
        cutEveryUs: 30 * SECOND,
        delay: { rate: 0.02, maxUs: 3 * SECOND },
        throttle: { rate: 0.05, retryAfterSeconds: 1 },
        errorRate: 0.05,
        loseCreateRate: 0.05,
      },
      befalls: 'everyone',
    },
  },
  { name: 'node clocks skewed by +-3 s', faults: { nodeSkewUs: skewUs } },
  plan('API server clock stepped', {
    clockSteps: [
      { afterUs: 50 * SECOND, byUs: 2500 * MILLISECOND },
      { afterUs: 110 * SECOND, byUs: -4 * SECOND },
    ],
  }),
  { name: 'deleted and re-created by others', vandal: true },
  { name: 'VMs that never boot', faults: { compute: { neverBoots } } },
  { name: 'DataVolumes that fail', faults: { storage: lostVolumes } },
  { name: 'CDI copies on the host instead', faults: { storage: copies } },
  {
    name: 'all of these together',
    faults: {
      plan: {
        cutEveryUs: 30 * SECOND,
        cutCompacts: true,
        duplicateRate: 0.1,
        delay: { rate: 0.02, maxUs: 3 * SECOND },
        stall: { everyUs: 40 * SECOND, forUs: 5 * SECOND },
        throttle: { rate: 0.05, retryAfterSeconds: 1 },
        errorRate: 0.05,
        loseCreateRate: 0.1,
        clockSteps: [{ afterUs: 90 * SECOND, byUs: 1500 * MILLISECOND }],
      },
      nodeSkewUs: skewUs,
      compute: { neverBoots },
      storage: { ...lostVolumes, ...copies },
    },
  },
];

interface Named {
  readonly metadata: { readonly name: string };
}

function plan(name: string, faultPlan: NonNullable<SimFaults['plan']>): FaultCase {
  return { name, faults: { plan: faultPlan } };
}

/** By the last number in the name; CDI's own claims are named by UIDs and are none of them. */
function everyEighth(name: string): boolean {
  if (/^(prime|tmp)-/.test(name)) return false;
  const numbers = name.match(/\d+/g) ?? [];
  return Number(numbers.at(-1) ?? 1) % 8 === 0;
}

/** From three seconds behind to three ahead, node by node. */
function skewUs(node: string): number {
  const index = Number(node.match(/\d+$/)?.[0] ?? 0);
  return ((index % 7) - 3) * SECOND;
}
