/**
 * Controllers of a server that come after ours have begun: a kube-controller-manager that was away
 * for a while, or is installed meanwhile. Two of a kind would act on the same objects.
 */

import type { Clock } from '../../core/clock.ts';
import type { KubeClient } from '../../kube/client.ts';
import { type ServerControllerName, servedBy } from './controllers-argument.ts';
import { heldInSystem } from './foreign-server.ts';

export interface Newcomers {
  /** Aborted when there are any; its reason says whose lease it is, and what it does. */
  readonly appeared: AbortSignal;
  stop(): void;
}

export interface NewcomersOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** How often their leases are looked at. */
  readonly periodUs: number;
  /** What is left to the server already. */
  readonly without: readonly ServerControllerName[];
}

export function watchForNewcomers(options: NewcomersOptions): Newcomers {
  const { client, clock, periodUs, without } = options;
  const appeared = new AbortController();
  let stopped = false;
  let cancel = () => {};
  const look = async () => {
    // A server that is away for a moment is asked again.
    const held = await heldInSystem(client, clock.wallUs()).catch(() => []);
    if (stopped) return;
    for (const lease of held) {
      const doubled = servedBy([lease]).filter((name) => !without.includes(name));
      if (doubled.length === 0) continue;
      appeared.abort(`${lease} has come, which does ${doubled.join(', ')}`);
      return;
    }
    plan();
  };
  const plan = () => {
    cancel = clock.schedule(periodUs, () => void look());
  };
  plan();
  return {
    appeared: appeared.signal,
    stop() {
      stopped = true;
      cancel();
    },
  };
}
