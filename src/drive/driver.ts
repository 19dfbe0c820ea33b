/** What the parts of a running measurement share: its tools, and the state of its operations. */

import { setMaxListeners } from 'node:events';
import PQueue from 'p-queue';
import { invariant } from '../core/assert.ts';
import type { Verdict } from '../observe/expectation.ts';
import { createHostedObserver } from '../observe/hosted-observer.ts';
import { type Observer, startObserver } from '../observe/observer.ts';
import type { WatchScope } from '../observe/streams.ts';
import { createClient, type KubeClient } from '../kube/client.ts';
import type { Plan } from '../plan/plan.ts';
import { type Notebook, openNotebook } from '../record/notebook.ts';
import { type CreatedObjects, createdObjects } from './created.ts';
import type { Job } from './job.ts';
import { type Lab, REQUESTS_MAX } from './lab.ts';
import { type Past, recall } from './past.ts';
import { createPulse, type Pulse } from './server-loss.ts';
import { createTally, type Tally } from './tally.ts';

export interface Driver {
  readonly plan: Plan;
  readonly lab: Lab;
  readonly notebook: Notebook;
  readonly client: KubeClient;
  readonly pulse: Pulse;
  readonly observer: Observer;
  /** Requests under way. */
  readonly queue: PQueue;
  /** Operations released and not over, by their id. */
  readonly jobs: Map<number, Job>;
  readonly created: CreatedObjects;
  /** What earlier sessions did, where the run is resumed. */
  readonly past: Past | undefined;
  readonly tally: Tally;
  /** Aborted once nothing more may be started; the reason is a StopReason. */
  readonly stop: AbortController;
}

/** Why a run ends before its plan does. */
export interface StopReason {
  /** Of the operations that are cut off by it. */
  readonly miss: 'Interrupted' | 'Aborted';
  readonly message: string;
  /** The server was lost on the way. */
  readonly lost?: true;
}

export function createDriver(plan: Plan, lab: Lab): Driver {
  const notebook = openNotebook(lab.sink, lab.clock, lab.past?.elapsedUs);
  const pulse = createPulse(lab.transport, lab.clock);
  const client = createClient(pulse.transport);
  const jobs = new Map<number, Job>();
  const stop = new AbortController();
  // Every sleeping retry listens to it; Node would warn of a leak from the eleventh on.
  setMaxListeners(0, stop.signal);
  linkInterrupt(lab.signal, stop);
  const verdicts = new Map<number, Verdict>();
  const onVerdict = (operation: number, verdict: Verdict) => {
    const job = jobs.get(operation);
    if (job) job.settle(verdict);
    else if (lab.past) verdicts.set(operation, verdict);
  };
  const created = createdObjects();
  const { observer, past } = observe(plan, lab, { client, notebook, onVerdict, verdicts, created });
  return {
    plan,
    lab,
    notebook,
    client,
    pulse,
    observer,
    queue: new PQueue({ concurrency: lab.requestsMax ?? REQUESTS_MAX }),
    jobs,
    created,
    past,
    tally: createTally(plan, () => notebook.nowUs(), lab.onProgress),
    stop,
  };
}

type Looking = Pick<Driver, 'client' | 'notebook' | 'created'> & {
  readonly onVerdict: (operation: number, verdict: Verdict) => void;
  readonly verdicts: ReadonlyMap<number, Verdict>;
};

/** Looks on in this thread, or in another where the lab has one for it. */
function observe(plan: Plan, lab: Lab, looking: Looking): Pick<Driver, 'observer' | 'past'> {
  const { rng, watchHost, past } = lab;
  const { namespace } = plan;
  const scope = scopeOf(plan, lab);
  if (watchHost === undefined) {
    invariant(past === undefined, 'a run is resumed without a watch host');
    const observer = startObserver({ ...lab, ...looking, namespace, scope });
    return { observer, past: undefined };
  }
  const { notebook, onVerdict, verdicts, created } = looking;
  const seed = rng.fork('watching').integer(2 ** 32);
  const options = { host: watchHost, notebook, namespace, scope, seed, onVerdict };
  const observer = createHostedObserver(options);
  const recalled = past && recall({ plan, entries: past.entries(), observer, created, verdicts });
  observer.start();
  return { observer, past: recalled };
}

function scopeOf(plan: Plan, { watch }: Lab): WatchScope {
  const labels = Object.entries(plan.labels);
  return {
    namespace: usesOtherNamespaces(plan) ? undefined : plan.namespace,
    labelSelector: labels.map(([key, value]) => `${key}=${value}`).join(','),
    tuning: watch,
  };
}

/** Why the run was stopped; undefined while it goes on. */
export function stopReason({ stop }: Driver): StopReason | undefined {
  return stop.signal.aborted ? (stop.signal.reason as StopReason) : undefined;
}

/** Waits for it, but no longer than the run goes on. */
export function untilStopped<T>({ stop }: Driver, what: Promise<T>): Promise<T | undefined> {
  if (stop.signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const onStop = () => resolve(undefined);
    stop.signal.addEventListener('abort', onStop, { once: true });
    what.then(resolve, reject).finally(() => stop.signal.removeEventListener('abort', onStop));
  });
}

/** What the run waits for; for the message of a run whose time stands still. */
export function describeWaits({ jobs, tally }: Driver): string {
  const waiting = [...jobs.values()].slice(0, 5).map(({ operation }) => {
    return `${operation.verb} ${operation.kind} ${operation.name}`;
  });
  const rest = jobs.size > waiting.length ? ` and ${jobs.size - waiting.length} more` : '';
  return `${tally.where()}: ${waiting.join(', ') || 'no operation'}${rest}`;
}

function linkInterrupt(signal: AbortSignal | undefined, stop: AbortController): void {
  const reason: StopReason = { miss: 'Interrupted', message: 'interrupted' };
  if (signal?.aborted) stop.abort(reason);
  signal?.addEventListener('abort', () => stop.abort(reason), { once: true });
}

function usesOtherNamespaces({ steps, namespace }: Plan): boolean {
  return steps.some(
    (step) =>
      step.kind !== 'pause' &&
      step.waves.some(({ operations }) =>
        operations.some((operation) => operation.namespace !== namespace),
      ),
  );
}
