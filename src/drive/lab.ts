/** What a measurement is given from outside: time, dice, a cluster, a notebook, listeners. */

import type { Probe } from '../api/probe.ts';
import type { Transport } from '../api/transport.ts';
import type { Clock } from '../core/clock.ts';
import type { Rng } from '../core/rng.ts';
import type { ClockTuning } from '../observe/clocks/watch-clocks.ts';
import type { WatchTuning } from '../observe/streams.ts';
import type { WatchHost } from '../observe/watch-link.ts';
import type { EntrySink } from '../record/notebook.ts';
import type { PastSessions } from '../record/past-sessions.ts';
import type { ExternalEnd } from './external.ts';
import type { MetricsSource } from './metrics-source.ts';
import type { Progress } from './progress.ts';

export type ExternalRunner = (
  command: readonly string[],
  limits: { readonly signal: AbortSignal; readonly timeoutUs: number },
) => Promise<ExternalEnd>;

export interface Lab {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly transport: Transport;
  readonly sink: EntrySink;
  /** The run's own field manager (kube/maker.ts); undefined on a cluster of nobody else. */
  readonly maker?: string | undefined;
  /** Called at each change; whoever draws it throttles. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Told of what people should know at once: warnings of the server, what is stuck; each once. */
  readonly onWarning?: ((text: string) => void) | undefined;
  /** Runs programs of the user's; none are run where undefined. */
  readonly external?: ExternalRunner | undefined;
  /** Whom to ask what the cluster felt; nobody where undefined. */
  readonly metrics?: MetricsSource | undefined;
  /** How guests are asked whether they answer; a run that waits for that needs it. */
  readonly probe?: Probe | undefined;
  /** Ends the measurement early: nothing more is started, what is under way is censored. */
  readonly signal?: AbortSignal | undefined;
  readonly watch?: WatchTuning | undefined;
  /** Where watching is done; in the measuring thread itself where undefined (virtual time). */
  readonly watchHost?: WatchHost | undefined;
  /** How to bound the clocks behind the server's stamps; they are left alone where undefined. */
  readonly clocks?: ClockTuning | undefined;
  /** Of a run that goes on after its harness was gone; needs a watch host. */
  readonly past?: PastSessions | undefined;
  /** Requests under way at the same time, at the most. */
  readonly requestsMax?: number | undefined;
  /** What a simulated cluster counted inside; read once, at the end. */
  readonly counters?: (() => Readonly<Record<string, number>>) | undefined;
  /** A server that answers nothing for so long is lost, and the run with it; never if undefined. */
  readonly serverLossTimeoutUs?: number | undefined;
  /** What was deleted and makes no progress for so long is left; ten minutes if undefined. */
  readonly deletionDeadlineUs?: number | undefined;
}

/** As many as the shell loop of the article had in its background. */
export const REQUESTS_MAX = 100;
