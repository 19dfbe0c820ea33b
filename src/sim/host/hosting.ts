/** What hosting the simulator takes and gives: a description of it, the process, another server. */

import type { Transport } from '../../api/transport.ts';
import type { Clock } from '../../core/clock.ts';
import { EXIT, type ExitCode } from '../../core/exit-code.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { SimulatedFaults } from '../../parameters/faults-schema.ts';
import type { SimConfig } from '../simulator.ts';

/** What stands in a cluster, how it behaves, and what goes wrong there. */
export interface DescribedCluster {
  /** Of the scenario that describes it; undefined for the built-in one. */
  readonly name: string | undefined;
  /** Where no other is asked for. */
  readonly seed: number;
  readonly config: SimConfig;
  readonly faults: SimulatedFaults | undefined;
  /** Of a measured cluster whose twin it is: told to every client. */
  readonly twin?: object | undefined;
  /** The same for people: `calibrated on run R of cluster C`. */
  readonly calibratedOn?: string | undefined;
}

/** The process that hosts, and the people at it. */
export interface Hosting {
  /** The wall clock. */
  readonly clock: Clock;
  readonly interrupt: AbortSignal;
  /** A result; with its newlines. */
  print(text: string): void;
  /** A line for a person. */
  tell(line: string): void;
}

/** An API server of somebody else's that simulated controllers are to work on. */
export interface ForeignServer {
  /** As people know it. */
  readonly name: string;
  readonly client: KubeClient;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly clockOriginNs: bigint;
  /** Simulated seconds in one of ours, where the server says that it is simulated. */
  readonly speed?: number | undefined;
}

/** Hosting ends by a signal alone, unless something went wrong. */
export function endedBySignal({ interrupt }: Hosting): ExitCode {
  return interrupt.reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted;
}
