/**
 * Bounds the clocks of nodes and controllers: whoever holds a Lease writes its own time into it, to
 * the microsecond, every few seconds. What a reader would get wrong: a renewal is seen some time
 * after it was written, so it gives a lower bound of the clock's offset and no more; the best of
 * many renewals is close to the offset itself.
 */

import type { Lease } from '../../api/compute.ts';
import { LEASES } from '../../api/resources.ts';
import type { Clock } from '../../core/clock.ts';
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
}

export interface LeaseClocks {
  /** Writes down what is known and ends. */
  stop(): void;
}

/** Renewals in one line of the history. */
const RENEWALS_A_LINE = 20;

const NODE_LEASES = 'kube-node-lease';

/** Leases of leaders, and the names of their clocks in stamps. */
const LEADERS: Readonly<Record<string, string>> = {
  'virt-controller': 'virt-controller',
  'cdi-controller-leader': 'cdi',
  'cdi-controller-leader-election-helper': 'cdi',
  'kube-controller-manager': 'kube-controller-manager',
  'kube-scheduler': 'kube-scheduler',
};

export function startLeaseClocks(options: LeaseClocksOptions): LeaseClocks {
  const { client, clock, rng, notebook, wallOriginUs, watchTimeoutUs } = options;
  const renewals = createRenewals(notebook);
  const onItem = (item: StreamItem<Lease>) => {
    if (item.kind !== 'listed' && item.kind !== 'changed') return;
    const name = clockOf(item.object);
    const { renewTime } = item.object.spec;
    const renewedUs = renewTime === undefined ? undefined : parseRfc3339(renewTime);
    if (name === undefined || renewedUs === undefined) return;
    const seenUs = notebook.sinceStartUs(item.seenUs);
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
    },
  });
  return {
    stop() {
      watch.stop();
      renewals.flush();
    },
  };
}

/** Whose clock a lease tells; undefined where no stamp of interest comes from it. */
function clockOf({ metadata: { namespace, name } }: Lease): string | undefined {
  return namespace === NODE_LEASES ? `node/${name}` : LEADERS[name];
}

interface Renewals {
  /** `loUs`: the clock is ahead of ours by at least this. */
  add(clock: string, renewedUs: number, loUs: number): void;
  flush(): void;
}

/** The best bound of each clock's latest renewals. */
function createRenewals(notebook: Notebook): Renewals {
  const known = new Map<string, { renewedUs: number; n: number; lo: number }>();
  const write = (clock: string, best: { n: number; lo: number }) => {
    if (best.n === 0) return;
    notebook.write({ e: 'offset', t: notebook.nowUs(), clock, lo: best.lo, n: best.n });
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
