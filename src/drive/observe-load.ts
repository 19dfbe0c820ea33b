/**
 * Measures a load that somebody else makes: looks on, writes down, and changes nothing. There is no
 * plan, hence no operation and no verdict here. The history holds what was seen, and which of it
 * was an operation of theirs is worked out of that later.
 */

import { createClient } from '../kube/client.ts';
import { createHostedObserver } from '../observe/hosted-observer.ts';
import { type Observer, startObserver } from '../observe/observer.ts';
import type { StepEntry } from '../record/entry.ts';
import type { ObserveScopeFact } from '../record/manifest.ts';
import { type Notebook, openNotebook } from '../record/notebook.ts';
import { type Census, createCensus } from './census.ts';
import { createInquiry } from './inquiry.ts';
import type { Lab } from './lab.ts';
import { createPulse } from './server-loss.ts';
import {
  type Ending,
  playSession,
  type Session,
  stopOn,
  stopReason,
  untilStopped,
} from './session.ts';

export interface ObserveScope extends ObserveScopeFact {
  /** Plurals of the kinds that are looked at. */
  readonly kinds: readonly string[];
  /** Looks on for so long; without this and `idleUs`, until it is interrupted. */
  readonly durationUs: number | undefined;
  /** Looks on until nothing was under way or told for so long, once the load has begun. */
  readonly idleUs: number | undefined;
}

/** Rejects with defects only: what the server refuses is noted, and asked for again. */
export async function observeLoad(scope: ObserveScope, lab: Lab): Promise<Ending> {
  const notebook = openNotebook(lab.sink, lab.clock);
  const pulse = createPulse(lab.transport, lab.clock);
  const client = createClient(pulse.transport);
  const stop = stopOn(lab.signal);
  const census = createCensus(scope);
  const inquiry = createInquiry({ lab, notebook, client, stop });
  const tell = () => lab.onProgress?.(census.progress(notebook.nowUs()));
  const told: Notebook = {
    ...notebook,
    write(entry) {
      notebook.write(entry);
      if (census.take(entry)) tell();
      inquiry.take(entry);
    },
  };
  const observer = observeThrough(scope, { ...lab, client, notebook: told });
  const session = { lab, notebook, client, pulse, observer, stop };
  return playSession(session, {
    namespace: scope.namespace ?? 'default',
    async perform() {
      notebook.write(stepEntry(scope, notebook.nowUs()));
      await untilStopped(session, observer.synced);
      tell();
      await untilOver(session, scope, census);
      await untilStopped(session, inquiry.whenAnswered());
    },
    endingOf: () => summariseEnding(session, scope),
  });
}

/** Verdicts are for operations, and there are none. */
const DEAF = () => {};

/** Namespaces are all others' here: each entry names its own. */
const NO_NAMESPACE = '';

function observeThrough(
  { selector, namespace, kinds, imageLabel }: ObserveScope,
  tools: Lab & Pick<Session, 'client' | 'notebook'>,
): Observer {
  const { watchHost: host, rng, notebook, watch: tuning, onWarning } = tools;
  const scope = { namespace, labelSelector: selector, kinds, strangers: { imageLabel }, tuning };
  const options = { notebook, namespace: NO_NAMESPACE, scope, onVerdict: DEAF };
  if (host === undefined) return startObserver({ ...tools, ...options });
  const seed = rng.fork('watching').integer(2 ** 32);
  const observer = createHostedObserver({ ...options, host, seed, onWarning });
  observer.start();
  return observer;
}

/** The rules by which analysis finds operations and waves; both are counted there. */
function stepEntry({ timeoutUs, waveGapUs }: ObserveScope, t: number): StepEntry {
  return {
    e: 'step',
    t,
    s: 0,
    kind: 'observe',
    name: 'observed',
    variants: [],
    until: 'none',
    waves: 0,
    operations: 0,
    timeoutUs,
    errorBudget: 0,
    loop: 'open',
    waveGapUs,
  };
}

async function untilOver(
  session: Session,
  { durationUs, idleUs }: ObserveScope,
  census: Census,
): Promise<void> {
  const { lab, notebook, stop } = session;
  const over = new AbortController();
  const { signal } = over;
  const quiet = async (forUs: number) => {
    for (;;) {
      const waitUs = census.quietInUs(notebook.nowUs(), forUs);
      if (waitUs <= 0 || signal.aborted) return;
      await lab.clock.sleep(waitUs, { signal });
    }
  };
  const ends = [
    ...(durationUs === undefined ? [] : [lab.clock.sleep(durationUs, { signal })]),
    ...(idleUs === undefined ? [] : [quiet(idleUs)]),
  ];
  stop.signal.addEventListener('abort', () => over.abort(), { once: true });
  await untilStopped(session, ends.length === 0 ? new Promise(() => {}) : Promise.race(ends));
  over.abort();
}

/** An interruption is the one way to end what has no end of its own. */
function summariseEnding(session: Session, { durationUs, idleUs }: ObserveScope): Ending {
  const stopped = stopReason(session);
  const isEndless = durationUs === undefined && idleUs === undefined;
  if (stopped === undefined || (isEndless && !stopped.lost)) return { outcome: 'complete' };
  return { outcome: 'partial', reason: stopped.message, ...(stopped.lost ? { lost: true } : {}) };
}
