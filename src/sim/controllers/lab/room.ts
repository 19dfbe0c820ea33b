/**
 * What the controllers of operators stand on. What takes its time is remembered by the process
 * alone, so a cluster that goes on after a restart waits for it anew.
 */

import type { Condition, KubeObject } from '../../../api/object.ts';
import type { Resource } from '../../../api/resources.ts';
import type { Clock } from '../../../core/clock.ts';
import { sameJson } from '../../../core/json.ts';
import type { Rng } from '../../../core/rng.ts';
import { isNotFound } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import { createOnce } from '../../../kube/create-once.ts';
import type { LabFaults } from '../../../parameters/faults-schema.ts';
import type { Parameters } from '../../../parameters/parameters.ts';
import type { Chassis } from '../chassis/chassis.ts';
import { CDIS } from './kinds.ts';

export interface LabRoom {
  readonly lab: Chassis;
  readonly rng: Rng;
  readonly parameters: Parameters;
  readonly client: KubeClient;
  /** Asked anew each time, since faults can be ordered while a cluster is served. */
  readonly faults: () => LabFaults | undefined;
  /** Microseconds that are left of what takes about `meanUs`, since it was asked for first. */
  readonly left: (what: string, meanUs: number) => number;
}

export function createDelays(clock: Clock, rng: Rng, variation: number): LabRoom['left'] {
  const due = new Map<string, number>();
  return (what, meanUs) => {
    let atUs = due.get(what);
    if (atUs === undefined) {
      atUs = clock.nowUs() + Math.round(rng.fork(what).gamma(meanUs, variation));
      due.set(what, atUs);
    }
    return Math.max(0, atUs - clock.nowUs());
  };
}

/** Makes it where it is not there. */
export async function ensure<T extends KubeObject>(
  { client }: LabRoom,
  resource: Resource<T>,
  object: T,
): Promise<void> {
  await createOnce(client, resource, object);
}

/** Writes what differs from the status that the copy has. Of CDI's kind it is no subresource. */
export async function writeStatus(
  { client }: LabRoom,
  resource: Resource,
  object: KubeObject,
  status: Readonly<Record<string, unknown>>,
): Promise<void> {
  const before = (object.status ?? {}) as Readonly<Record<string, unknown>>;
  if (Object.entries(status).every(([key, value]) => sameJson(value, before[key]))) return;
  try {
    const options = resource === CDIS ? {} : { subresource: 'status' };
    await client.patch(resource, object.metadata, { status }, options);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

export interface Said {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message?: string;
}

/** As conditions; each keeps its time as long as its status stays. */
export function conditions(
  { lab }: LabRoom,
  { status }: KubeObject,
  said: readonly Said[],
): readonly Condition[] {
  const { conditions: before = [] } = (status ?? {}) as {
    readonly conditions?: readonly Condition[];
  };
  return said.map(({ message = '', ...each }) => {
    const old = before.find(({ type }) => type === each.type);
    const isOld = old?.status === each.status;
    const stamp = (isOld && old.lastTransitionTime) || lab.stamp();
    return { ...each, message, lastTransitionTime: stamp };
  });
}

/** Five letters as the API server makes them up, the same each time. */
export function suffix({ rng }: LabRoom, of: string): string {
  return rng
    .fork(`name ${of}`)
    .integer(36 ** 5)
    .toString(36)
    .padStart(5, '0');
}

export function isReady({ status }: KubeObject): boolean {
  const { conditions: list = [] } = (status ?? {}) as {
    readonly conditions?: readonly Condition[];
  };
  return list.some(({ type, status: is }) => type === 'Ready' && is === 'True');
}
