/**
 * Bounds the API server's clock against ours: a creation that is only tried (dryRun=All) comes back
 * with the second in which the server handled it. One answer knows a second at best. Each further
 * request is timed so that the server's clock turns to a new second just when it arrives if the
 * offset is what we think; the answer halves what is left.
 */

import type { KubeObject } from '../../api/object.ts';
import { CONFIG_MAPS } from '../../api/resources.ts';
import { TransportError } from '../../api/transport.ts';
import type { Clock, TimerKind } from '../../core/clock.ts';
import { MILLISECOND, SECOND } from '../../core/duration.ts';
import { parseRfc3339 } from '../../core/time-text.ts';
import { ApiError } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { collectionPath } from '../../kube/paths.ts';
import type { Notebook } from '../../record/notebook.ts';

export interface ServerClockOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly notebook: Notebook;
  /** Where the ConfigMap would be created. */
  readonly namespace: string;
  /** Our wall clock at the run's start, microseconds since the Unix epoch. */
  readonly wallOriginUs: number;
  /** How often the bounds are checked. */
  readonly everyUs: number;
}

export interface ServerClock {
  /** Checks a last time, so that a step does not go unnoticed. */
  finish(): Promise<void>;
  stop(): void;
}

/** The name under which the history files it. */
const API_SERVER = 'apiserver';

const SEEK_PROBES_MAX = 12;
/** Drift widens what is known; beyond this it is sought again. */
const WIDE_ROUND_TRIPS = 4;
/** Disciplined clocks drift apart by less (analyse/clocks/offset-curve.ts says the same). */
const DRIFT_PPM = 100;

/** Probes in the background until it is stopped. */
export function startServerClock(options: ServerClockOptions): ServerClock {
  const prober = createProber(options);
  void keepBounded(prober, options);
  return {
    async finish() {
      if (!prober.stopped) await check(prober, 'foreground');
    },
    stop: () => prober.stop(),
  };
}

interface Bounds {
  readonly lo: number;
  readonly hi: number;
  /** Run time. */
  readonly atUs: number;
}

interface Prober {
  readonly stopped: boolean;
  /** What is known by now; undefined before the first answer. */
  readonly known: Bounds | undefined;
  readonly roundTripUs: number;
  /** Asks as the clock would turn if it were `aheadUs` of ours; false where it contradicts. */
  probe(aheadUs: number, kind: TimerKind): Promise<boolean>;
  sleep(durationUs: number): Promise<void>;
  stop(): void;
}

async function keepBounded(prober: Prober, { everyUs }: ServerClockOptions): Promise<void> {
  await seek(prober, 'background');
  while (!prober.stopped) {
    await prober.sleep(everyUs);
    await check(prober, 'background');
  }
}

/** Halves the bounds until the round trip hides the rest. */
async function seek(prober: Prober, kind: TimerKind): Promise<void> {
  for (let probes = 0; probes < SEEK_PROBES_MAX && !prober.stopped; probes++) {
    const { known, roundTripUs } = prober;
    if (known && known.hi - known.lo <= 2 * roundTripUs + MILLISECOND) return;
    await prober.probe(known === undefined ? 0 : (known.lo + known.hi) / 2, kind);
  }
}

/** A look just outside either end: a clock that was stepped contradicts one of them. */
async function check(prober: Prober, kind: TimerKind): Promise<void> {
  const { known, roundTripUs } = prober;
  if (known === undefined) return seek(prober, kind);
  const agrees =
    (await prober.probe(known.lo - roundTripUs, kind)) &&
    (await prober.probe(known.hi + roundTripUs, kind));
  const nowKnown = prober.known ?? known;
  if (!agrees || nowKnown.hi - nowKnown.lo > WIDE_ROUND_TRIPS * roundTripUs) {
    await seek(prober, kind);
  }
}

function createProber(options: ServerClockOptions): Prober {
  const { clock, notebook, wallOriginUs } = options;
  const abort = new AbortController();
  const { signal } = abort;
  let known: Bounds | undefined;
  let roundTripUs = Number.POSITIVE_INFINITY;
  const halfWayUs = () => (Number.isFinite(roundTripUs) ? roundTripUs / 2 : 0);
  return {
    get stopped() {
      return signal.aborted;
    },
    get known() {
      return known && drifted(known, notebook.nowUs());
    },
    get roundTripUs() {
      return Number.isFinite(roundTripUs) ? roundTripUs : 0;
    },
    async probe(aheadUs, kind) {
      const theirsUs = wallOriginUs + notebook.nowUs() + halfWayUs() + aheadUs;
      await clock.sleep(untilNextSecondUs(theirsUs), { kind, signal });
      if (signal.aborted) return true;
      const sentUs = notebook.nowUs();
      const answer = await askTime(options, () => abort.abort());
      if (answer === undefined || signal.aborted) return true;
      const receivedUs = notebook.sinceStartUs(answer.receivedUs);
      roundTripUs = Math.min(roundTripUs, receivedUs - sentUs);
      const lo = answer.stampUs - (wallOriginUs + receivedUs);
      const hi = answer.stampUs + SECOND - (wallOriginUs + sentUs);
      notebook.write({ e: 'offset', t: receivedUs, clock: API_SERVER, lo, hi });
      const agreed = known && intersection(drifted(known, receivedUs), { lo, hi });
      const agrees = known === undefined || agreed !== undefined;
      known = { ...(agreed ?? { lo, hi }), atUs: receivedUs };
      return agrees;
    },
    sleep: (durationUs) => clock.sleep(durationUs, { kind: 'background', signal }),
    stop: () => abort.abort(),
  };
}

interface TimeAnswer {
  /** Start of the second in which the server handled the request, Unix time. */
  readonly stampUs: number;
  /** By our clock. */
  readonly receivedUs: number;
}

/** Undefined where no answer came; a refusal for good gives up. */
async function askTime(
  { client, notebook, namespace }: ServerClockOptions,
  giveUp: () => void,
): Promise<TimeAnswer | undefined> {
  const body: KubeObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'bench-clock-probe', namespace },
  };
  const path = collectionPath(CONFIG_MAPS, namespace);
  try {
    const query = { dryRun: 'All' };
    const response = await client.raw({ method: 'POST', path, query, body });
    const stampUs = parseRfc3339((response.body as KubeObject).metadata?.creationTimestamp ?? '');
    return stampUs === undefined ? undefined : { stampUs, receivedUs: response.receivedUs };
  } catch (error) {
    if (error instanceof TransportError) return undefined;
    if (!(error instanceof ApiError)) throw error;
    if (error.code === 403 || error.code === 404) {
      const t = notebook.nowUs();
      notebook.write({ e: 'note', t, what: 'clock', message: error.message });
      giveUp();
    }
    return undefined;
  }
}

function untilNextSecondUs(unixUs: number): number {
  return SECOND - (((Math.round(unixUs) % SECOND) + SECOND) % SECOND);
}

function drifted({ lo, hi, atUs }: Bounds, nowUs: number): Bounds {
  const driftUs = Math.ceil(((nowUs - atUs) * DRIFT_PPM) / 1e6);
  return { lo: lo - driftUs, hi: hi + driftUs, atUs: nowUs };
}

function intersection(
  a: Pick<Bounds, 'lo' | 'hi'>,
  b: Pick<Bounds, 'lo' | 'hi'>,
): Pick<Bounds, 'lo' | 'hi'> | undefined {
  const lo = Math.max(a.lo, b.lo);
  const hi = Math.min(a.hi, b.hi);
  return lo <= hi ? { lo, hi } : undefined;
}
