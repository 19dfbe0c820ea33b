/** What the parts of the HTTPS endpoint share: its options, its open watches, its way into time. */

import type { Clock } from '../../../core/clock.ts';
import type { Faults } from '../faults/plan.ts';
import type { ApiServer } from '../server/server.ts';
import type { Wire, WireAnswer, WireRequest } from '../wire/wire.ts';
import type { Credentials } from './credentials.ts';
import type { EventText } from './event-text.ts';
import type { Face } from './send.ts';
import type { TokenBook } from './tokens.ts';

export interface HttpsOptions {
  readonly server: ApiServer;
  /** `inject` brings what comes from outside into simulated time; absent on a real clock. */
  readonly clock: Clock & { readonly inject?: (callback: () => void) => void };
  /** Simulated seconds in one of ours; announced to clients. */
  readonly speed: number;
  /** What the cluster stands for: part of what it says of its version. */
  readonly twin?: object | undefined;
  /** Simulated, as for clients within the process. */
  readonly roundTripUs: number;
  readonly watchDelayUs: number;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Absent: plain HTTP, in which everyone is let in. */
  readonly credentials?: Credentials;
  readonly faults?: Faults;
  /** How long a client may leave unread what waits for it: milliseconds of the wall clock. */
  readonly stallMs?: number;
  /** Answers paths of its own, before all else. */
  readonly extension?: (request: WireRequest) => WireAnswer | undefined;
}

export interface Endpoint {
  readonly options: HttpsOptions;
  readonly wire: Wire;
  readonly text: EventText;
  readonly tokens: TokenBook;
  /** What ends each open watch. */
  readonly watches: Set<() => void>;
  readonly face: Face;
}

/** Runs the callback in simulated time. */
export function enter({ clock }: HttpsOptions, callback: () => void): void {
  if (clock.inject) clock.inject(callback);
  else callback();
}
