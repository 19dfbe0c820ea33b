/**
 * The time of a simulated cluster behind HTTPS. It announces its pace, and whoever talks to it
 * lives at that pace from then on: pauses, time-outs and stamps are in simulated seconds.
 */

import { createRng } from '../core/rng.ts';
import { scaledClock } from '../core/scaled-clock.ts';
import { parseRfc3339 } from '../core/time-text.ts';
import { createClient } from '../kube/client.ts';
import { retryingTransport } from '../kube/retrying-transport.ts';
import { pacedTransport } from '../kube/paced-transport.ts';
import type { TwinFact } from '../record/manifest.ts';
import { twinSchema } from '../record/manifest-schema.ts';
import type { ClusterAccess } from '../run/cluster-handle.ts';

interface Announced {
  readonly simulation?: {
    readonly simulated?: boolean;
    readonly speed?: number;
    readonly time?: string;
    readonly twin?: unknown;
  };
}

/** Asks the server for its version; a real cluster's access comes back as it is. */
export async function atServerPace(
  access: ClusterAccess,
  interrupt: AbortSignal,
): Promise<ClusterAccess> {
  const askedUs = access.clock.nowUs();
  const { body } = await access.client.raw({ method: 'GET', path: '/version' });
  const { simulation } = (body ?? {}) as Announced;
  if (simulation?.simulated !== true) return access;
  const speed = simulation.speed ?? 1;
  // It told its time half a round trip ago.
  const agoUs = ((access.clock.nowUs() - askedUs) / 2) * speed;
  const toldUs = parseRfc3339(simulation.time ?? '');
  const wallUs = toldUs === undefined ? access.clock.wallUs() : Math.round(toldUs + agoUs);
  const clock = scaledClock(access.clock, speed, wallUs);
  const { counts, close } = access.transport;
  const transport = { ...pacedTransport(access.transport, speed), counts, close };
  const clientUntil = (signal: AbortSignal, isHurried = false) =>
    createClient(
      retryingTransport(transport, access.clock, createRng('retries'), signal, isHurried),
    );
  const twin = readTwin(simulation.twin);
  return { ...access, transport, client: clientUntil(interrupt), clientUntil, clock, speed, twin };
}

/** Of a server that may say anything: what is none is left out. */
function readTwin(said: unknown): TwinFact | undefined {
  const checked = twinSchema.safeParse(said);
  return checked.success ? checked.data : undefined;
}
