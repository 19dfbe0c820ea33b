/**
 * `/bench/faults` of a served cluster: GET tells the faults that are ordered and those that
 * happened, POST orders others. It answers at once, whatever faults befall all other paths.
 */

import { unreachable } from '../../core/assert.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { FaultRecord } from '../apiserver/faults/plan.ts';
import type { StandingFaults } from '../apiserver/faults/standing.ts';
import { wireAnswer, type WireAnswer, type WireRequest } from '../apiserver/wire/wire.ts';
import { parseFaults, type SimulatedFaults } from '../../parameters/faults-schema.ts';
import { faultPlan, orderNodeFaults } from './ordered-faults.ts';

export interface FaultsDesk {
  /** What is ordered at this moment. */
  readonly ordered: SimulatedFaults;
  /** Answers its own path; undefined for all others. */
  answer(request: WireRequest): WireAnswer | undefined;
}

export interface FaultsDeskOptions {
  readonly faults: StandingFaults;
  readonly kernel: Kernel;
  readonly nodes: { fail(node: string): void; recover(node: string): void };
  /** Runs what comes from outside in simulated time. */
  readonly inject: (callback: () => void) => void;
  readonly first: SimulatedFaults;
  readonly onOrder: (faults: SimulatedFaults) => void;
}

const PATH = '/bench/faults';
/** Of the latest records: a long run has many. */
const RECORDS_MAX = 1000;

/** How often each kind happened. */
export function countByFault(records: readonly FaultRecord[]): Readonly<Record<string, number>> {
  const count: Record<string, number> = {};
  for (const { fault } of records) count[fault] = (count[fault] ?? 0) + 1;
  return count;
}

export function createFaultsDesk(options: FaultsDeskOptions): FaultsDesk {
  const { faults, kernel, nodes, inject } = options;
  let ordered = options.first;
  let callOff = orderNodeFaults(kernel, nodes, ordered);
  const order = (next: SimulatedFaults) => {
    ordered = next;
    options.onOrder(next);
    inject(() => {
      callOff();
      faults.follow(faultPlan(next));
      callOff = orderNodeFaults(kernel, nodes, next);
    });
  };
  return {
    get ordered() {
      return ordered;
    },
    answer({ method, path, body, user }) {
      if (path !== PATH) return undefined;
      if (method !== 'GET' && !mayOrder(user)) {
        return problem(403, [`${user.username} may not order faults: that is for administrators`]);
      }
      if (method === 'GET') return wireAnswer({ status: 200, body: report(ordered, faults) });
      if (method !== 'POST') return problem(405, ['use GET or POST']);
      const { now, ...document } = (body ?? {}) as { readonly now?: unknown };
      const asked = now === undefined ? [] : parseActions(now);
      if (typeof asked === 'string') return problem(400, [asked]);
      if (now === undefined || Object.keys(document).length > 0) {
        const parsed = parseFaults(document);
        if ('problems' in parsed) return problem(400, parsed.problems);
        order(parsed.faults);
      }
      inject(() => {
        for (const action of asked) carryOut(action, options);
      });
      return wireAnswer({ status: 200, body: { ordered } });
    },
  };
}

/** Administrators, and whoever is let in without credentials at all; nobody whom they act as. */
function mayOrder({ username, groups }: WireRequest['user']): boolean {
  return groups.includes('system:masters') || username === 'system:anonymous';
}

type Action =
  | { readonly kind: 'cutWatches' }
  | { readonly kind: 'compact' }
  | { readonly kind: 'nodeDown'; readonly node: string }
  | { readonly kind: 'nodeUp'; readonly node: string };

/** `now: ["cutWatches", "compact", "nodeDown worker-001", "nodeUp worker-001"]`. */
function parseActions(now: unknown): readonly Action[] | string {
  const texts: readonly unknown[] = Array.isArray(now) ? now : [now];
  const actions: Action[] = [];
  for (const text of texts) {
    const [kind, node] = String(text).split(' ');
    if ((kind === 'cutWatches' || kind === 'compact') && node === undefined) actions.push({ kind });
    else if ((kind === 'nodeDown' || kind === 'nodeUp') && node) actions.push({ kind, node });
    else return 'now: use "cutWatches", "compact", "nodeDown NODE" or "nodeUp NODE"';
  }
  return actions;
}

function carryOut(action: Action, { faults, nodes }: FaultsDeskOptions): void {
  switch (action.kind) {
    case 'cutWatches':
      faults.cutAll();
      return;
    case 'compact':
      faults.compact();
      return;
    case 'nodeDown':
      nodes.fail(action.node);
      return;
    case 'nodeUp':
      nodes.recover(action.node);
      return;
    default:
      unreachable(action);
  }
}

function report(ordered: SimulatedFaults, { records }: StandingFaults): unknown {
  return { ordered, count: countByFault(records), records: records.slice(-RECORDS_MAX) };
}

function problem(code: number, problems: readonly string[]): WireAnswer {
  const message = problems.join('; ');
  const reason = code === 405 ? 'MethodNotAllowed' : 'BadRequest';
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code };
  return wireAnswer({ status: code, body });
}
