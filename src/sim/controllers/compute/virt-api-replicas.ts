/**
 * The replicas of virt-api, each with its own budget of requests, which its webhooks and its
 * aggregated routes share. A request lands on any of them.
 */

import { type KubeClient, limitedBy } from '../../../kube/client.ts';
import { createTokenBucket } from '../../../kube/rate-limit.ts';
import { virtApiReplicas } from '../../../parameters/derived.ts';
import type { ComputeLab } from './lab.ts';

export interface VirtApiReplicas {
  /** The client of the replica that a request lands on. */
  pick(): KubeClient;
}

export function createReplicas(lab: ComputeLab): VirtApiReplicas {
  const { virtApi } = lab.parameters;
  const count = virtApiReplicas(lab.parameters);
  const clients = Array.from({ length: count }, () =>
    lab.client({
      ...limitedBy(createTokenBucket(lab.clock, { qps: virtApi.qps, burst: virtApi.burst })),
      component: 'virt-api',
    }),
  );
  const balance = lab.rng.fork('virt-api');
  return { pick: () => clients[balance.integer(count)] as KubeClient };
}
