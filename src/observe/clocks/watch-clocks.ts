/** All that is done to know the clocks behind the server's stamps, in one call. */

import type { Clock } from '../../core/clock.ts';
import { MINUTE } from '../../core/duration.ts';
import type { Rng } from '../../core/rng.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { Notebook } from '../../record/notebook.ts';
import { startLeaseClocks } from './lease-clocks.ts';
import { startServerClock } from './server-clock.ts';

export interface ClockWatchOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly notebook: Notebook;
  readonly namespace: string;
  /** Our wall clock at the run's start, microseconds since the Unix epoch. */
  readonly wallOriginUs: number;
  readonly tuning: ClockTuning;
}

export interface ClockTuning {
  /** How often what is known is checked. Default: a minute. */
  readonly everyUs?: number;
  /** Whether to read leases, which tell the clocks of nodes and controllers. */
  readonly leases: boolean;
  /** Asked of the server for the stream of leases. */
  readonly watchTimeoutUs?: number | undefined;
}

export interface ClockWatch {
  /** Looks a last time, writes down what is known, and ends. */
  finish(): Promise<void>;
  /** Ends at once. */
  stop(): void;
}

export function watchClocks({ tuning, ...options }: ClockWatchOptions): ClockWatch {
  const { everyUs = MINUTE, watchTimeoutUs } = tuning;
  const server = startServerClock({ ...options, everyUs });
  const leases = tuning.leases
    ? startLeaseClocks({ ...options, everyUs, watchTimeoutUs })
    : undefined;
  const stop = () => {
    server.stop();
    leases?.stop();
  };
  return {
    async finish() {
      await server.finish();
      stop();
    },
    stop,
  };
}
