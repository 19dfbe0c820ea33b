/**
 * Asks guests whether they answer, for operations that wait for that, and tells of the first answer
 * as of any change that a watch has seen. An answer came up some time since the last probe without
 * one, so its time is an interval, from the start of that probe to the end of the first that was
 * answered. How wide it is, is the error of this measurement.
 *
 * It is no burden: who waits longer is asked less often, only the stage whose turn it is is asked
 * for, and all probes share one rate and one number of connections.
 */

import { setMaxListeners } from 'node:events';
import PQueue from 'p-queue';
import { type Probe, type ProbeTarget, probeUrl } from '../api/probe.ts';
import { VMIS } from '../api/resources.ts';
import { findMark } from '../catalogue/milestone-marks.ts';
import type { ProbeTest } from '../catalogue/tests.ts';
import { present } from '../core/assert.ts';
import type { Clock } from '../core/clock.ts';
import { isGuestAddress } from '../core/guest-address.ts';
import { MILLISECOND } from '../core/duration.ts';
import { createTokenBucket } from '../kube/rate-limit.ts';
import type { Notebook } from '../record/notebook.ts';
import type { Expectation } from './expectation.ts';
import { namespacedName } from './step-watch.ts';
import type { SeenObject } from './seen-object.ts';

/** From the start of a probe to the start of the next one of the same guest, at the least. */
const PROBE_EVERY_US = 500 * MILLISECOND;

/** Who has waited for long is asked less often: by this part of the wait, so that the error is. */
const PROBE_PART = 0.02;

/** All guests together. */
const PROBES_PER_SECOND = 200;
const PROBES_AT_ONCE = 100;

export interface ProberOptions {
  readonly probe: Probe;
  readonly clock: Clock;
  readonly notebook: Notebook;
  /** Makes known that a guest has answered. */
  readonly tell: Tell;
  /** An earlier session's operations are told first: until `goOn`, nobody knows since when. */
  readonly recalls?: boolean | undefined;
}

/** `change` of the VMI is true since some time from `lowerUs` to `atUs`, in run time. */
export type Tell = (vmi: SeenObject, change: string, atUs: number, lowerUs: number) => void;

export interface Prober {
  /** The operation waits for this stage of what it is for now: asks, where only a probe tells. */
  turn(expectation: Expectation, stage: number): void;
  forget(operation: number): void;
  /** Why the last probe for the operation failed; undefined where none did. */
  lastWord(operation: number): string | undefined;
  changed(object: SeenObject, name: string, value: string): void;
  gone(object: SeenObject): void;
  goOn(): void;
  stop(): void;
}

/** A guest, by the sights of its VMI. */
interface Guest {
  readonly vmi: SeenObject;
  address: string | undefined;
  /** Run time of the latest sight, and of the one before. */
  shownUs: number;
  beforeUs: number;
}

interface Want {
  readonly operation: number;
  readonly place: string;
  readonly test: ProbeTest;
  readonly change: string;
  readonly sinceUs: number;
  /** This guest answered before the request: it has to fail first, or be another one. */
  readonly before: Guest | undefined;
  readonly end: AbortController;
  /** The guest that is being asked. */
  asked: Guest | undefined;
  why: string | undefined;
}

const REACHABLE = present(findMark('reachable'), 'mark of reachable').change;

export function createProber(options: ProberOptions): Prober {
  const { clock, notebook } = options;
  const guests = new Map<string, Guest>();
  const wants = createWants();
  let isRecalling = options.recalls ?? false;
  const crowd = {
    queue: new PQueue({ concurrency: PROBES_AT_ONCE }),
    rate: createTokenBucket(clock, { qps: PROBES_PER_SECOND, burst: PROBES_AT_ONCE }),
  };
  const ask = (want: Want) => {
    const guest = guests.get(want.place);
    if (guest?.address === undefined || want.asked === guest) return;
    want.asked = guest;
    void askGuest(options, crowd, want, guest).then((isAnswered) => {
      if (isAnswered) wants.remove(want);
    });
  };
  return {
    turn(expectation, stage) {
      wants.forget(expectation.operation);
      const wanted = wantedAt(expectation, stage);
      if (wanted === undefined) return;
      const end = new AbortController();
      // Each wait of it listens once.
      setMaxListeners(0, end.signal);
      const { operation } = expectation;
      const sinceUs = isRecalling ? 0 : notebook.nowUs();
      const isFresh = stage === 0 && expectation.stages !== undefined;
      const before = isFresh ? guests.get(wanted.place) : undefined;
      const want = { ...wanted, operation, sinceUs, before, end, asked: undefined, why: undefined };
      wants.add(want);
      ask(want);
    },
    forget: (operation) => wants.forget(operation),
    lastWord: (operation) => wants.get(operation)?.why,
    changed(object, name, value) {
      if (object.kind !== VMIS.kind) return;
      const guest = shown(guests, object);
      if (name !== 'ip') return;
      guest.address = isGuestAddress(value) ? value : undefined;
      for (const want of wants.at(namespacedName(object.namespace, object.name))) ask(want);
    },
    gone(object) {
      const place = namespacedName(object.namespace, object.name);
      if (guests.get(place)?.vmi === object) guests.delete(place);
    },
    goOn: () => {
      isRecalling = false;
    },
    stop: () => wants.clear(),
  };
}

/** What an operation waits for that only a probe can tell; undefined where a watch does. */
function wantedAt(
  { goal, namespace, name, probe, stages }: Expectation,
  stage: number,
): Pick<Want, 'place' | 'test' | 'change'> | undefined {
  if (goal === 'reachable' && probe !== undefined) {
    return { place: namespacedName(namespace, name), test: probe, change: REACHABLE };
  }
  const next = stages?.[stage];
  if (next?.probe === undefined) return undefined;
  const place = next.place.slice(next.place.indexOf(' ') + 1);
  return { place, test: next.probe, change: next.change };
}

/** One change of several that one sight has brought does not make it two sights. */
function shown(guests: Map<string, Guest>, vmi: SeenObject): Guest {
  const place = namespacedName(vmi.namespace, vmi.name);
  let guest = guests.get(place);
  if (guest?.vmi !== vmi) {
    const atUs = vmi.doubtUs ?? vmi.knownUs;
    guest = { vmi, address: undefined, shownUs: vmi.knownUs, beforeUs: atUs };
    guests.set(place, guest);
  } else if (vmi.knownUs > guest.shownUs && guest.address === undefined) {
    guest.beforeUs = guest.shownUs;
    guest.shownUs = vmi.knownUs;
  }
  return guest;
}

interface Crowd {
  readonly queue: PQueue;
  readonly rate: ReturnType<typeof createTokenBucket>;
}

/** Until it answers (true), nobody waits for it any more, or another guest is in its place. */
async function askGuest(
  { probe, clock, notebook, tell }: ProberOptions,
  { queue, rate }: Crowd,
  want: Want,
  guest: Guest,
): Promise<boolean> {
  const { signal } = want.end;
  // It had no address, or nobody wanted to know.
  let lowerUs = Math.max(guest.beforeUs, want.sinceUs);
  let hasToFail = want.before === guest;
  const matters = () => !signal.aborted && want.asked === guest;
  while (matters()) {
    let startUs = 0;
    const answer = await queue.add(async () => {
      if (matters()) await rate.take();
      startUs = notebook.nowUs();
      return matters() ? probe(targetOf(want.test, guest.address ?? ''), signal) : undefined;
    });
    if (answer === undefined || !matters()) return false;
    const atUs = notebook.nowUs();
    if (answer.answered && !hasToFail) {
      tell(guest.vmi, want.change, atUs, lowerUs);
      return true;
    }
    lowerUs = startUs;
    if (!answer.answered) hasToFail = false;
    want.why = `${guest.address}: ${answer.answered ? 'still answers' : answer.why}`;
    const everyUs = Math.max(PROBE_EVERY_US, PROBE_PART * (atUs - want.sinceUs));
    await clock.sleep(startUs + Math.round(everyUs) - atUs, { signal });
  }
  return false;
}

function targetOf(test: ProbeTest, address: string): ProbeTarget {
  if (test.is === 'tcp') return { by: 'tcp', address, port: test.port };
  return { by: 'http', url: probeUrl(test.url, address) };
}

/** Who waits, by operation and by the guest. */
function createWants() {
  const byOperation = new Map<number, Want>();
  const byPlace = new Map<string, Set<Want>>();
  const remove = (want: Want) => {
    if (byOperation.get(want.operation) === want) byOperation.delete(want.operation);
    const there = byPlace.get(want.place);
    there?.delete(want);
    if (there?.size === 0) byPlace.delete(want.place);
    want.end.abort();
  };
  return {
    remove,
    get: (operation: number) => byOperation.get(operation),
    at: (place: string): readonly Want[] => [...(byPlace.get(place) ?? [])],
    add(want: Want) {
      byOperation.set(want.operation, want);
      byPlace.set(want.place, (byPlace.get(want.place) ?? new Set()).add(want));
    },
    forget(operation: number) {
      const want = byOperation.get(operation);
      if (want) remove(want);
    },
    clear() {
      for (const want of byOperation.values()) remove(want);
    },
  };
}
