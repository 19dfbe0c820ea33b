/** A real cluster as the commands reach it: who and where it is, and a client told apart. */

import type { Clock } from '../core/clock.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Connection } from '../kube/connection.ts';
import type { HttpsTransport } from '../kube/https-transport.ts';
import type { ConnectionChoice } from '../kube/kubeconfig.ts';
import type { TwinFact } from '../record/manifest.ts';

/** Sockets for requests: as many as may be under way at the same time. */
export const SOCKETS_MAX = 32;

export interface ClusterAccess {
  readonly choice: ConnectionChoice;
  readonly connection: Connection;
  readonly transport: HttpsTransport;
  /** Asks again where the server refuses for the moment; not for what is measured. */
  readonly client: KubeClient;
  /** The same, until another signal than the user's interruption; in a hurry after that. */
  clientUntil(signal: AbortSignal, isHurried?: boolean): KubeClient;
  /** The wall clock that everything on this cluster goes by. */
  readonly clock: Clock;
  readonly clockOriginNs: bigint;
  readonly userAgent: string;
  /** Simulated seconds in one of ours, where the cluster says that it is simulated. */
  readonly speed?: number;
  /** The measured cluster that a simulated one says it stands for. */
  readonly twin?: TwinFact | undefined;
  close(): void;
}
