/**
 * Bounds the clocks of nodes and controllers: whoever holds a Lease writes its own time into it, to
 * the microsecond, every few seconds. A renewal is seen some time after it was written, so it gives
 * a lower bound of the clock's offset and no more; the best of many renewals is close to the offset
 * itself.
 */

import { safeTable } from '../../core/table.ts';
import type { Lease } from '../../api/compute.ts';
import { LEASES } from '../../api/resources.ts';
import { TransportError } from '../../api/transport.ts';
import type { Clock } from '../../core/clock.ts';
import { MILLISECOND } from '../../core/duration.ts';
import type { Rng } from '../../core/rng.ts';
import { parseRfc3339 } from '../../core/time-text.ts';
import { ApiError } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { startListWatch, type StreamItem } from '../../kube/list-watch.ts';
import type { Notebook } from '../../record/notebook.ts';

export interface LeaseClocksOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly notebook: Notebook;
  /** Our wall clock at the run's start, microseconds since the Unix epoch. */
  readonly wallOriginUs: number;
  readonly watchTimeoutUs?: number | undefined;
  /** How often all leases are listed. */
  readonly everyUs: number;
}

export interface LeaseClocks {
  /** Writes down what is known and ends. */
  stop(): void;
}

/** Renewals in one line of the history. */
const RENEWALS_A_LINE = 20;

const NODE_LEASES = 'kube-node-lease';

/** Leases of leaders, and the names of their clocks in stamps. */
const LEADERS = safeTable<string>({
  'virt-controller': 'virt-controller',
  'cdi-controller-leader': 'cdi',
  'cdi-controller-leader-election-helper': 'cdi',
  'kube-controller-manager': 'kube-controller-manager',
  'kube-scheduler': 'kube-scheduler',
});

export function startLeaseClocks(options: LeaseClocksOptions): LeaseClocks {
  const { client, clock, rng, notebook, wallOriginUs, watchTimeoutUs } = options;
  const abort = new AbortController();
  const lateness = createLateness();
  const renewals = createRenewals(notebook, lateness);
  const onItem = (item: StreamItem<Lease>) => {
    if (item.kind !== 'listed' && item.kind !== 'changed') return;
    const renewal = readRenewal(item.object);
    if (renewal === undefined) return;
    const { name, renewedUs } = renewal;
    const seenUs = notebook.sinceStartUs(item.seenUs);
    lateness.streamed(name, renewedUs);
    renewals.add(name, renewedUs, renewedUs - (wallOriginUs + seenUs));
  };
  const watch = startListWatch({
    client,
    clock,
    rng: rng.fork('watch leases'),
    resource: LEASES,
    ...(watchTimeoutUs === undefined ? {} : { watchTimeoutUs }),
    onItem,
    onError(error) {
      if (!(error instanceof ApiError) || error.code !== 403) return;
      notebook.write({ e: 'note', t: notebook.nowUs(), what: 'clock', message: error.message });
      watch.stop();
      abort.abort();
    },
  });
  void checkStream(options, lateness, abort.signal);
  return {
    stop() {
      watch.stop();
      abort.abort();
      renewals.flush();
    },
  };
}

async function checkStream(
  { client, clock, rng, everyUs }: LeaseClocksOptions,
  lateness: Lateness,
  signal: AbortSignal,
): Promise<void> {
  const dice = rng.fork('lists of leases');
  for (;;) {
    // At odd times: renewals are periodic, and so would be the luck of meeting them.
    const untilUs = Math.round(everyUs * dice.uniform(0.2, 1));
    await clock.sleep(untilUs, { kind: 'background', signal });
    if (signal.aborted) return;
    const leases = await listLeases(client);
    if (signal.aborted) return;
    for (const lease of leases) {
      const renewal = readRenewal(lease);
      if (renewal) lateness.listed(renewal.name, renewal.renewedUs);
    }
  }
}

/** All leases; none where the server does not answer well. */
async function listLeases(client: KubeClient): Promise<readonly Lease[]> {
  try {
    return (await client.list(LEASES)).items;
  } catch (error) {
    if (error instanceof ApiError || error instanceof TransportError) return [];
    throw error;
  }
}

/** The clock's name and its time; undefined where no stamp of interest comes from that clock. */
function readRenewal(lease: Lease): { name: string; renewedUs: number } | undefined {
  const name = identifyClock(lease);
  const { renewTime } = lease.spec;
  const renewedUs = renewTime === undefined ? undefined : parseRfc3339(renewTime);
  return name === undefined || renewedUs === undefined ? undefined : { name, renewedUs };
}

/** How late renewals are seen, as lists prove it. */
interface Lateness {
  listed(clock: string, renewedUs: number): void;
  streamed(clock: string, renewedUs: number): void;
  /** On average; undefined where it is not worth mentioning. */
  averageUs(clock: string): number | undefined;
}

/** Less is the stream's usual delay. */
const PROMPT_US = 100 * MILLISECOND;

/**
 * The share of lists that are ahead of the stream, times the period of renewals, is the mean delay
 * of the stream (Little's law); and the best of many renewals is no later than their mean.
 */
function createLateness(): Lateness {
  const clocks = new Map<string, { firstUs: number; lastUs: number; renewals: number }>();
  const checks = new Map<string, { all: number; ahead: number }>();
  return {
    listed(clock, renewedUs) {
      const known = clocks.get(clock);
      if (known === undefined) return;
      const count = checks.get(classify(clock)) ?? { all: 0, ahead: 0 };
      count.all += 1;
      if (renewedUs > known.lastUs) count.ahead += 1;
      checks.set(classify(clock), count);
    },
    streamed(clock, renewedUs) {
      const known = clocks.get(clock);
      if (known === undefined) {
        clocks.set(clock, { firstUs: renewedUs, lastUs: renewedUs, renewals: 1 });
      } else if (renewedUs > known.lastUs) {
        known.lastUs = renewedUs;
        known.renewals += 1;
      }
    },
    averageUs(clock) {
      const known = clocks.get(clock);
      const count = checks.get(classify(clock));
      if (known === undefined || count === undefined || known.renewals < 2) return undefined;
      const periodUs = (known.lastUs - known.firstUs) / (known.renewals - 1);
      const averageUs = Math.round((periodUs * count.ahead) / count.all);
      return averageUs > PROMPT_US ? averageUs : undefined;
    },
  };
}

/** Nodes renew at the same pace, each at its own phase. */
function classify(clock: string): string {
  return clock.startsWith('node/') ? 'node' : clock;
}

/** Whose clock a lease tells; undefined where no stamp of interest comes from it. */
function identifyClock({ metadata: { namespace, name } }: Lease): string | undefined {
  return namespace === NODE_LEASES ? `node/${name}` : LEADERS[name];
}

interface Renewals {
  /** `loUs`: the clock is ahead of ours by at least this. */
  add(clock: string, renewedUs: number, loUs: number): void;
  flush(): void;
}

/** The best bound of each clock's latest renewals. */
function createRenewals(notebook: Notebook, { averageUs }: Lateness): Renewals {
  const known = new Map<string, { renewedUs: number; n: number; lo: number }>();
  const write = (clock: string, best: { n: number; lo: number }) => {
    if (best.n === 0) return;
    const lateUs = averageUs(clock);
    notebook.write({
      e: 'offset',
      t: notebook.nowUs(),
      clock,
      lo: best.lo,
      n: best.n,
      ...(lateUs === undefined ? {} : { late: lateUs }),
    });
    best.n = 0;
    best.lo = Number.NEGATIVE_INFINITY;
  };
  return {
    add(clock, renewedUs, loUs) {
      let best = known.get(clock);
      if (best === undefined) {
        best = { renewedUs: 0, n: 0, lo: Number.NEGATIVE_INFINITY };
        known.set(clock, best);
      }
      if (best.renewedUs === renewedUs) return;
      best.renewedUs = renewedUs;
      best.n += 1;
      best.lo = Math.max(best.lo, loUs);
      if (best.n >= RENEWALS_A_LINE) write(clock, best);
    },
    flush() {
      for (const [clock, best] of known) write(clock, best);
    },
  };
}
