/** Copies whose handlers fail. */

import { expect, test } from 'vitest';
import { CONFIG_MAPS } from '../../src/api/resources.ts';
import { createRng } from '../../src/core/rng.ts';
import { createClient } from '../../src/kube/client.ts';
import { startInformer } from '../../src/kube/informer.ts';
import { inProcessTransport } from '../../src/sim/apiserver/in-process.ts';
import { createApiServer } from '../../src/sim/apiserver/server/server.ts';
import { createKernel } from '../../src/sim/kernel/kernel.ts';

test('a handler that fails on an object is told, and the others hear of it all the same', async () => {
  const kernel = createKernel();
  const server = createApiServer({ clock: kernel, rng: createRng(1) });
  const way = { clock: kernel, roundTripUs: 1000, watchDelayUs: 1000 };
  const client = createClient(inProcessTransport(server, way));
  const told: string[] = [];
  const heard: string[] = [];
  await kernel.run(async () => {
    const informer = startInformer({
      client,
      clock: kernel,
      rng: createRng(2),
      resource: CONFIG_MAPS,
      onError: (error, key) => told.push(`${key}: ${(error as Error).message}`),
    });
    informer.onChange((now) => {
      if (now?.metadata.name === 'odd') throw new TypeError('no data');
    });
    informer.onChange((now) => heard.push(now?.metadata.name ?? ''));
    await informer.synced;
    for (const name of ['odd', 'even']) {
      await client.create(CONFIG_MAPS, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, namespace: 'default' },
      });
    }
    await kernel.sleep(1e6);
    informer.stop();
  });
  expect(told).toEqual(['default/odd: no data']);
  expect(heard).toEqual(['odd', 'even']);
});
