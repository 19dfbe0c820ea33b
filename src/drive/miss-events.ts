/**
 * Why an object was slow, where nothing about itself said so: the cluster may have told it in
 * events about the object or about what it waits for (its claim, CDI's temporary claims, its pod),
 * or that may be in trouble itself. It is asked once the deadline is over, and not before, so that
 * asking slows nothing down that is measured.
 */

import type { KubeEvent } from '../api/compute.ts';
import { EVENTS } from '../api/resources.ts';
import { TransportError } from '../api/transport.ts';
import { excerpt } from '../core/excerpt.ts';
import { MINUTE, SECOND } from '../core/duration.ts';
import { parseRfc3339 } from '../core/time-text.ts';
import { ApiError } from '../kube/api-error.ts';
import { listAll } from '../kube/list-all.ts';
import { retry } from '../kube/retry.ts';
import { classOfEvent } from '../record/event-class.ts';
import { MESSAGE_MOST } from '../record/miss-class.ts';
import type { Job } from './job.ts';
import { type Cause, findStanding } from './miss-conditions.ts';
import type { Session } from './session.ts';

export interface MissEvents {
  /** An operation was missed, and nobody knows why. */
  take(job: Job): void;
  /** Resolves when all is answered, or nobody answers. */
  finish(): Promise<void>;
}

type Asker = Pick<Session, 'lab' | 'notebook' | 'client'>;

/** What is told later than this before the deadline may be over since. */
const FRESH_US = 10 * MINUTE;

/** Whoever waits for the end of the run waits no longer than this. */
const ANSWER_TIMEOUT_US = 10 * SECOND;

/** Misses of one moment are asked about together. */
const TOGETHER_US = SECOND;

/** So many of one moment are looked at themselves; the others will stand alike. */
const LOOKED_AT_MAX = 20;

export function createMissEvents(asker: Asker): MissEvents {
  const { lab, notebook, client } = asker;
  const ask = createQuestions(asker);
  let taken: Job[] = [];
  let under: Promise<void> = Promise.resolve();
  let closed = false;
  const look = async () => {
    await lab.clock.sleep(TOGETHER_US);
    const jobs = taken;
    taken = [];
    const found: KubeEvent[] = [];
    for (const namespace of new Set(jobs.flatMap(placesOf))) {
      const events = await ask('events', () => listAll<KubeEvent>(client, EVENTS, { namespace }));
      for (const event of events ?? []) found.push(event);
    }
    const fresh = found.filter((event) => isFresh(event, lab.clock.wallUs()));
    const uids = uidsOfClaims(fresh);
    for (const [i, { operation }] of jobs.entries()) {
      let cause = findCause(fresh, operation.name, uids.get(operation.name));
      if (cause?.class === undefined && i < LOOKED_AT_MAX) {
        cause = (await ask('standing', () => findStanding(client, operation))) ?? cause;
      }
      if (cause === undefined || closed) continue;
      const message = excerpt(cause.message, MESSAGE_MOST);
      notebook.write({ e: 'why', t: notebook.nowUs(), p: operation.id, ...cause, message });
    }
  };
  return {
    take(job) {
      if (closed) return;
      taken.push(job);
      if (taken.length === 1) under = under.then(look);
    },
    async finish() {
      const late = new AbortController();
      const waited = lab.clock.sleep(ANSWER_TIMEOUT_US, { signal: late.signal });
      await Promise.race([under, waited]);
      closed = true;
      late.abort();
    },
  };
}

/** Undefined where nobody tells; whoever was refused once is not asked again. */
function createQuestions({ lab, notebook }: Asker) {
  const dark = new Set<string>();
  return async <T>(what: string, request: () => Promise<T>): Promise<T | undefined> => {
    if (dark.has(what)) return undefined;
    const rng = lab.rng.fork(`why: ${what}`);
    try {
      return await retry({ clock: lab.clock, rng, timeoutUs: ANSWER_TIMEOUT_US }, request);
    } catch (error) {
      const isKnown = error instanceof ApiError || error instanceof TransportError;
      if (!isKnown) throw error;
      dark.add(what);
      const message = `why objects were slow is not known: ${error.message}`;
      notebook.write({ e: 'note', t: notebook.nowUs(), what, message });
      return undefined;
    }
  };
}

/** Events stand beside their objects, and CDI's helpers beside the source of a clone. */
function placesOf({ operation: { namespace, manifest } }: Job): readonly string[] {
  const spec = manifest?.().spec as Sourced | undefined;
  const { pvc, snapshot } = spec?.source ?? {};
  return [namespace, pvc?.namespace ?? snapshot?.namespace ?? namespace];
}

interface Sourced {
  readonly source?: {
    readonly pvc?: { readonly namespace?: string };
    readonly snapshot?: { readonly namespace?: string };
  };
}

function isFresh(event: KubeEvent, wallUs: number): boolean {
  return toldUs(event) >= wallUs - FRESH_US;
}

function toldUs({ lastTimestamp, firstTimestamp, metadata }: KubeEvent): number {
  const text = lastTimestamp ?? firstTimestamp ?? metadata.creationTimestamp ?? '';
  return parseRfc3339(text) ?? 0;
}

/** By the names of claims, which CDI's helpers carry in their own names. */
function uidsOfClaims(events: readonly KubeEvent[]): ReadonlyMap<string, string> {
  const uids = new Map<string, string>();
  for (const { involvedObject } of events) {
    const { kind, name, uid } = involvedObject ?? {};
    if (kind === 'PersistentVolumeClaim' && name && uid) uids.set(name, uid);
  }
  return uids;
}

/** The newest with a class, or else the newest warning. */
function findCause(
  events: readonly KubeEvent[],
  name: string,
  claimUid: string | undefined,
): Cause | undefined {
  const isAbout = ({ involvedObject }: KubeEvent) => {
    const about = involvedObject?.name ?? '';
    if (about === name || about.startsWith(`${name}-`)) return true;
    if (about.startsWith(`virt-launcher-${name}-`)) return true;
    return claimUid !== undefined && about.includes(claimUid);
  };
  const own = events.filter(isAbout).sort((a, b) => toldUs(b) - toldUs(a));
  const known = own.find((event) => classOfEvent(event) !== undefined);
  const said = known ?? own.find(({ type }) => type === 'Warning');
  if (said === undefined) return undefined;
  const found = known && classOfEvent(known);
  const { involvedObject, reason, message = '' } = said;
  const text = `${involvedObject.kind} ${involvedObject.name}: ${reason}: ${message}`;
  return { ...(found === undefined ? {} : { class: found }), message: text };
}
