/** The servers under the nodes: what stands there at first, and who works their power switches. */

import { NAMESPACES } from '../../api/resources.ts';
import type { KubeObject } from '../../api/object.ts';
import type { Transport } from '../../api/transport.ts';
import type { Clock } from '../../core/clock.ts';
import { createRng, type Rng } from '../../core/rng.ts';
import type { Parameters } from '../../parameters/parameters.ts';
import { createChassis } from './chassis/chassis.ts';
import { HOSTS_NAMESPACE, bareMetalHost, startBareMetalHosts } from './compute/bare-metal-hosts.ts';
import type { NodePower } from './compute/node-power.ts';

export interface FirstHosts {
  readonly seed: number;
  /** That are there anyway. */
  readonly namespaces: readonly string[];
}

/** One a node, in their namespace; with UIDs of their own, so that no other depends on them. */
export function hostObjects(
  nodes: readonly string[],
  { seed, namespaces }: FirstHosts,
): readonly KubeObject[] {
  const uids = createRng(seed).fork('hosts');
  const namespace = {
    apiVersion: 'v1',
    kind: NAMESPACES.kind,
    metadata: { name: HOSTS_NAMESPACE, uid: uids.uuid() },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
  return [
    ...(namespaces.includes(HOSTS_NAMESPACE) ? [] : [namespace]),
    ...nodes.map((name) => bareMetalHost(name, uids.fork(name).uuid())),
  ];
}

export interface HostsOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly parameters: Parameters;
  readonly transport: Transport;
  readonly recordEvents: boolean;
  readonly creditsWriters: boolean;
  readonly power: Pick<NodePower, 'fail' | 'recover'>;
  readonly onError: (error: unknown, where: string) => void;
}

/** What is returned tells how many have lost their power, where some have. */
export function startHosts(options: HostsOptions): () => Readonly<Record<string, number>> {
  const { rng, parameters, power } = options;
  const counters = { powerLosses: 0 };
  const running = createChassis({ ...options, rng: rng.fork('hosts') });
  const lab = running.chassis;
  startBareMetalHosts({ lab, rng: rng.fork('power'), parameters, power, counters });
  void running.begin();
  return () => (counters.powerLosses > 0 ? counters : {});
}
