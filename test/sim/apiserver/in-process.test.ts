/** The whole in-process path in virtual time: client, delays, server, watches. */

import { expect, test } from 'vitest';
import type { KubeObject } from '../../../src/api/object.ts';
import { CONFIG_MAPS, DATA_VOLUMES } from '../../../src/api/resources.ts';
import type { WatchEvent } from '../../../src/api/transport.ts';
import { createRng } from '../../../src/core/rng.ts';
import { createClient } from '../../../src/kube/client.ts';
import { startInformer } from '../../../src/kube/informer.ts';
import { inProcessTransport } from '../../../src/sim/apiserver/in-process.ts';
import { createApiServer } from '../../../src/sim/apiserver/server/server.ts';
import { createKernel } from '../../../src/sim/kernel/kernel.ts';

function cluster() {
  const kernel = createKernel();
  const server = createApiServer({ clock: kernel, rng: createRng(1) });
  const transport = inProcessTransport(server, {
    clock: kernel,
    roundTripUs: 12_000,
    watchDelayUs: 50_000,
  });
  return { kernel, server, transport, client: createClient(transport) };
}

function configMap(name: string, data: Readonly<Record<string, string>> = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default' },
    data,
  } as KubeObject;
}

test('a request takes one round trip, and a watcher hears of it after the watch delay', async () => {
  const { kernel, client, transport } = cluster();
  const seen: [string, number][] = [];
  await kernel.run(async () => {
    let opened: number | undefined;
    transport.watch(
      { path: '/api/v1/configmaps', query: { watch: '1' } },
      {
        opened: (atUs) => {
          opened = atUs;
        },
        event: (event: WatchEvent, seenUs) => seen.push([event.type, seenUs]),
        ended: () => {},
      },
    );
    expect(opened).toBeUndefined();
    await kernel.sleep(20_000);
    expect(opened).toBe(12_000);
    const created = await client.create(CONFIG_MAPS, configMap('a'));
    expect(kernel.nowUs()).toBe(32_000);
    expect(Object.isFrozen(created.metadata)).toBe(true);
    await client.remove(CONFIG_MAPS, { namespace: 'default', name: 'a' });
    await kernel.sleep(100_000);
  });
  expect(seen).toEqual([
    ['ADDED', 76_000],
    ['DELETED', 88_000],
  ]);
});

test('an informer follows a collection through pages and changes', async () => {
  const { kernel, client } = cluster();
  await kernel.run(async () => {
    for (let i = 0; i < 25; i++) await client.create(CONFIG_MAPS, configMap(`m${i}`));
    const informer = startInformer({
      client,
      clock: kernel,
      rng: createRng(2),
      resource: CONFIG_MAPS,
      pageSize: 10,
    });
    await informer.synced;
    expect([...informer.values()]).toHaveLength(25);
    await client.patch(CONFIG_MAPS, { namespace: 'default', name: 'm3' }, { data: { x: 'y' } });
    await client.remove(CONFIG_MAPS, { namespace: 'default', name: 'm4' });
    await kernel.sleep(60_000);
    expect([...informer.values()]).toHaveLength(24);
    expect(informer.get('default', 'm3')).toMatchObject({ data: { x: 'y' } });
    informer.stop();
  });
});

test('main writes leave status alone and status writes leave the rest alone', async () => {
  const { kernel, client } = cluster();
  await kernel.run(async () => {
    const ref = { namespace: 'default', name: 'd' };
    const made = await client.create(DATA_VOLUMES, {
      apiVersion: 'cdi.kubevirt.io/v1beta1',
      kind: 'DataVolume',
      metadata: ref,
      spec: { source: { blank: {} } },
      status: { phase: 'Forged' },
    });
    expect(made.status).toBeUndefined();
    expect(made.metadata.generation).toBe(1);
    const withStatus = await client.patch(
      DATA_VOLUMES,
      ref,
      { status: { phase: 'Pending' }, spec: { source: null } },
      { subresource: 'status' },
    );
    expect(withStatus.status?.phase).toBe('Pending');
    expect(withStatus.spec).toEqual({ source: { blank: {} } });
    expect(withStatus.metadata.generation).toBe(1);
    const changed = await client.patch(DATA_VOLUMES, ref, {
      spec: { pvc: {} },
      status: { phase: 'X' },
    });
    expect(changed.status?.phase).toBe('Pending');
    expect(changed.metadata.generation).toBe(2);
  });
});
