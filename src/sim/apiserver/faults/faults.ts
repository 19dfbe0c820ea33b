/**
 * Faults by plan: seeded, recorded, the same for every endpoint. Each kind of decision has its own
 * stream of dice, so that switching one fault on moves no other.
 */

import type { ApiRequest } from '../../../api/transport.ts';
import type { Clock } from '../../../core/clock.ts';
import type { Rng } from '../../../core/rng.ts';
import { failure } from '../../../api/status.ts';
import type { Answer } from '../requests/handle.ts';
import type { FaultPlan, FaultRecord, Faults, RequestFault } from './plan.ts';
import { createStreamTap } from './stream-tap.ts';

/** What faults do to the server itself. */
interface FaultyServer {
  compact(): void;
  stepClock(offsetUs: number): void;
}

export interface FaultsOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly plan: FaultPlan;
  readonly server: FaultyServer;
}

export function createFaults({ clock, rng, plan, server }: FaultsOptions): Faults {
  const records: FaultRecord[] = [];
  const record = (fault: FaultRecord['fault'], detail: string) => {
    records.push({ atUs: clock.nowUs(), fault, detail });
  };
  const compact = () => {
    server.compact();
    record('compact', '');
  };
  const connections = new Set<(message: string) => void>();
  const timers = startTimers(clock, plan, {
    compact,
    step: (byUs) => {
      server.stepClock(byUs);
      record('clockStep', `${byUs} us`);
    },
    goDown: () => {
      record('restart', `${plan.restart?.forUs ?? 0} us`);
      server.compact();
      for (const cut of connections) cut('connection refused: the server restarts');
    },
  });
  const requestDice = rng.fork('requests');
  const watchDice = rng.fork('watches');
  let watches = 0;
  return {
    records,
    get down() {
      return timers.down;
    },
    onRequest: (request) =>
      timers.down
        ? { kind: 'drop', maybeSent: false }
        : requestFault(plan, requestDice, request, record),
    onWatch(request, control) {
      if (timers.down) return undefined;
      watches += 1;
      const tap = createStreamTap({
        clock,
        rng: watchDice.fork(String(watches)),
        plan,
        path: request.path,
        record,
        onCut: () => {
          if (plan.cutCompacts) compact();
        },
        control,
      });
      const cut = (message: string) => {
        tap.closed();
        connections.delete(cut);
        control.cut(message);
      };
      connections.add(cut);
      return {
        item: (item) => tap.item(item),
        closed() {
          connections.delete(cut);
          tap.closed();
        },
      };
    },
    stop: () => timers.stop(),
  };
}

function requestFault(
  plan: FaultPlan,
  dice: Rng,
  request: ApiRequest,
  record: (fault: FaultRecord['fault'], detail: string) => void,
): RequestFault | undefined {
  const what = `${request.method} ${request.path}`;
  const happens = (rate: number | undefined) => rate !== undefined && dice.next() < rate;
  if (happens(plan.dropRate)) {
    record('drop', what);
    return { kind: 'drop', maybeSent: true };
  }
  if (request.method !== 'GET') {
    const fault = writeFault(plan, dice, request, record, happens);
    if (fault) return fault;
  }
  if (plan.slowBodies && happens(plan.slowBodies.rate)) {
    record('slowBody', what);
    return { kind: 'slowBody', bytesPerSecond: plan.slowBodies.bytesPerSecond };
  }
  if (plan.latencyMaxUs === undefined) return undefined;
  return { kind: 'delay', delayUs: Math.round(dice.uniform(0, plan.latencyMaxUs)) };
}

function writeFault(
  plan: FaultPlan,
  dice: Rng,
  request: ApiRequest,
  record: (fault: FaultRecord['fault'], detail: string) => void,
  happens: (rate: number | undefined) => boolean,
): RequestFault | undefined {
  const what = `${request.method} ${request.path}`;
  if (plan.throttle && happens(plan.throttle.rate)) {
    record('throttle', what);
    return { kind: 'refuse', answer: throttled(plan.throttle.retryAfterSeconds) };
  }
  if (happens(plan.errorRate)) {
    const answer = serverError(dice.integer(3));
    record('error', `${what} ${answer.status}`);
    return { kind: 'refuse', answer };
  }
  if (request.method === 'POST' && happens(plan.loseCreateRate)) {
    record('loseCreate', what);
    return { kind: 'lose' };
  }
  return undefined;
}

function throttled(retryAfterSeconds: number): Answer {
  const message = 'Too many requests, please try again later.';
  const body = failure(429, 'TooManyRequests', message, { retryAfterSeconds });
  return { status: 429, body, headers: { 'retry-after': String(retryAfterSeconds) } };
}

function serverError(which: number): Answer {
  if (which === 0) {
    const message = 'Internal error occurred: etcdserver: leader changed';
    return { status: 500, body: failure(500, 'InternalError', message) };
  }
  if (which === 1) {
    const message = 'the server is currently unable to handle the request';
    return { status: 503, body: failure(503, 'ServiceUnavailable', message) };
  }
  const message = 'Timeout: request did not complete within the allotted timeout';
  return { status: 504, body: failure(504, 'Timeout', message) };
}

interface TimedFaults {
  readonly down: boolean;
  stop(): void;
}

function startTimers(
  clock: Clock,
  plan: FaultPlan,
  act: { compact: () => void; step: (byUs: number) => void; goDown: () => void },
): TimedFaults {
  let downUntilUs = Number.NEGATIVE_INFINITY;
  const cancels = new Set<() => void>();
  const every = (periodUs: number, callback: () => void) => {
    const next = () => {
      const cancel = clock.schedule(
        periodUs,
        () => {
          cancels.delete(cancel);
          callback();
          next();
        },
        { kind: 'background' },
      );
      cancels.add(cancel);
    };
    next();
  };
  if (plan.compactEveryUs !== undefined) every(plan.compactEveryUs, act.compact);
  const { restart } = plan;
  if (restart) {
    every(restart.everyUs, () => {
      downUntilUs = clock.nowUs() + restart.forUs;
      act.goDown();
    });
  }
  for (const { afterUs, byUs } of plan.clockSteps ?? []) {
    cancels.add(clock.schedule(afterUs, () => act.step(byUs), { kind: 'background' }));
  }
  return {
    get down() {
      return clock.nowUs() < downUntilUs;
    },
    stop() {
      for (const cancel of cancels) cancel();
    },
  };
}
