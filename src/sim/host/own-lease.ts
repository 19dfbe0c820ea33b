/**
 * The lease by which only one process plays KubeVirt on a server. Whoever dies without releasing it
 * is replaced when it has run out.
 */

import type { Lease } from '../../api/compute.ts';
import { LEASES } from '../../api/resources.ts';
import { TransportError } from '../../api/transport.ts';
import type { Clock } from '../../core/clock.ts';
import { SECOND } from '../../core/duration.ts';
import { rfc3339Micro } from '../../core/time-text.ts';
import { ignoreNotFound, isAlreadyExists, isConflict } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isHeld } from './foreign-server.ts';

export interface OwnLease {
  /** Aborted when somebody else has it. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

export interface OwnLeaseOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** Who we are, unlike any other process. */
  readonly identity: string;
  /** Not renewed for so long, it is anybody's. */
  readonly seconds: number;
  readonly signal: AbortSignal;
  /** Told once if somebody else has it. */
  readonly onWait: (holder: string) => void;
}

const REF = { namespace: 'kube-system', name: 'simulated-controllers' } as const;
const RENEW_EVERY_US = 5 * SECOND;

/** Resolves when it is ours; undefined where the signal came first. */
export async function acquireLease(options: OwnLeaseOptions): Promise<OwnLease | undefined> {
  const { clock, signal, onWait } = options;
  for (let tries = 0; !signal.aborted; tries++) {
    const holder = await tryLease(options).catch(unreachableHolder);
    if (holder === undefined) return keepLease(options);
    if (tries === 0) onWait(holder);
    await clock.sleep(SECOND, { signal });
  }
  return undefined;
}

/** A server that is away for a moment may have whatever holder it had. */
function unreachableHolder(error: unknown): string {
  if (error instanceof TransportError) return `nobody knows whom (${error.message})`;
  throw error;
}

/** Takes or renews it; who has it, where it is not us. */
async function tryLease(options: OwnLeaseOptions): Promise<string | undefined> {
  const { client, clock, identity, seconds } = options;
  const found = await readLease(client);
  const holder = found?.spec.holderIdentity;
  if (found && holder !== identity && isHeld(found, clock.wallUs())) return holder;
  const lease: Lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: found?.metadata ?? REF,
    spec: {
      holderIdentity: identity,
      leaseDurationSeconds: seconds,
      renewTime: rfc3339Micro(clock.wallUs()),
    },
  };
  try {
    await (found ? client.update(LEASES, lease) : client.create(LEASES, lease));
    return undefined;
  } catch (error) {
    if (isConflict(error) || isAlreadyExists(error)) return 'another process';
    throw error;
  }
}

function keepLease(options: OwnLeaseOptions): OwnLease {
  const { clock, client, identity } = options;
  const lost = new AbortController();
  let released = false;
  let cancel = () => {};
  const renew = async () => {
    try {
      if ((await tryLease(options)) !== undefined) {
        lost.abort();
        return;
      }
    } catch {
      // A server that is away for a moment has nobody else to give the lease to.
    }
    if (!released) cancel = clock.schedule(RENEW_EVERY_US, () => void renew());
  };
  cancel = clock.schedule(RENEW_EVERY_US, () => void renew());
  return {
    lost: lost.signal,
    async release() {
      released = true;
      cancel();
      const found = await readLease(client).catch(() => undefined);
      if (found?.spec.holderIdentity !== identity) return;
      await client
        .update(LEASES, { ...found, spec: { ...found.spec, holderIdentity: '' } })
        .catch(() => undefined);
    },
  };
}

async function readLease(client: KubeClient): Promise<Lease | undefined> {
  return await ignoreNotFound(client.get(LEASES, REF));
}
