/** A third party that deletes objects of a run and creates them again under the same names. */

import type { KubeObject } from '../../../src/api/object.ts';
import { DATA_VOLUMES, VMIS, type Resource } from '../../../src/api/resources.ts';
import { SECOND } from '../../../src/core/duration.ts';
import type { Rng } from '../../../src/core/rng.ts';
import { createClient, type KubeClient } from '../../../src/kube/client.ts';
import { inProcessTransport } from '../../../src/sim/apiserver/in-process.ts';
import type { Simulator } from '../../../src/sim/simulator.ts';

/** Every few seconds, for as long as the simulator runs. */
export function startVandal({ kernel, server }: Simulator, namespace: string, rng: Rng): void {
  const way = { clock: kernel, roundTripUs: 12_000, watchDelayUs: 50_000 };
  const client = createClient(inProcessTransport(server, way));
  const strike = () => {
    kernel.schedule(
      rng.uniform(2, 5) * SECOND,
      () => {
        strike();
        void recreateOne(client, kernel, namespace, rng);
      },
      { kind: 'background' },
    );
  };
  strike();
}

async function recreateOne(
  client: KubeClient,
  clock: Simulator['kernel'],
  namespace: string,
  rng: Rng,
): Promise<void> {
  const resource: Resource = rng.next() < 0.5 ? DATA_VOLUMES : VMIS;
  const { items } = await client.list(resource, { namespace });
  // Without its golden image a run is given up, and rightly.
  const victims = items.filter(({ metadata }) => !metadata.name.endsWith('-image'));
  const victim = victims[rng.integer(Math.max(1, victims.length))];
  if (victim === undefined || victim.metadata.deletionTimestamp !== undefined) return;
  await client.remove(resource, victim.metadata).catch(() => undefined);
  if (resource === VMIS) return;
  // Its finalizers may hold it for a while; then somebody else's copy comes too late.
  await clock.sleep(SECOND, { kind: 'background' });
  await client.create(resource, copyOf(victim)).catch(() => undefined);
}

function copyOf(object: KubeObject): KubeObject {
  const { name, namespace, labels, annotations, ownerReferences } = object.metadata;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
    },
    spec: (object as { spec?: unknown }).spec,
  } as KubeObject;
}
