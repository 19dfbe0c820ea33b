/**
 * Faults that can be ordered while the server runs. What is in force is replaced as a whole; watch
 * connections that are open keep the faults they were opened with, unless they are cut.
 */

import { createFaults, type FaultsOptions } from './faults.ts';
import type { FaultPlan, FaultRecord, Faults } from './plan.ts';

export interface StandingFaults extends Faults {
  readonly plan: FaultPlan;
  /** From now on these, and no others. */
  follow(plan: FaultPlan): void;
  /** Breaks every open watch connection; how many. */
  cutAll(): number;
  /** Forgets history, so that watches that resume get 410. */
  compact(): void;
}

export function createStandingFaults(options: FaultsOptions): StandingFaults {
  const { clock, rng, server } = options;
  const streams = new Set<() => void>();
  const records: FaultRecord[] = [];
  const record = (fault: FaultRecord['fault'], detail: string) => {
    records.push({ atUs: clock.nowUs(), fault, detail });
  };
  let { plan } = options;
  let current = createFaults(options);
  let replaced = 0;
  return {
    get plan() {
      return plan;
    },
    get down() {
      return current.down;
    },
    get records() {
      return [...records, ...current.records];
    },
    onRequest: (request) => current.onRequest(request),
    onWatch(request, control) {
      const tap = current.onWatch(request, control);
      if (!tap) return undefined;
      const cut = () => {
        streams.delete(cut);
        tap.closed();
        control.cut('the connection was cut');
      };
      streams.add(cut);
      return {
        item: (item) => tap.item(item),
        closed() {
          streams.delete(cut);
          tap.closed();
        },
      };
    },
    follow(next) {
      current.stop();
      records.push(...current.records);
      replaced += 1;
      plan = next;
      current = createFaults({ ...options, plan, rng: rng.fork(`plan ${replaced}`) });
    },
    cutAll() {
      const open = [...streams];
      for (const cut of open) cut();
      record('cut', `${open.length} watches`);
      return open.length;
    },
    compact() {
      server.compact();
      record('compact', '');
    },
    stop: () => current.stop(),
  };
}
