/** Which volumes still go away after their claims are gone. */

import { expect, test } from 'vitest';
import type { PersistentVolume } from '../../src/api/storage.ts';
import { createClient } from '../../src/kube/client.ts';
import { doomedVolumes } from '../../src/kube/doomed-volumes.ts';
import { createKernel } from '../../src/sim/kernel/kernel.ts';
import { scriptedTransport } from '../support/scripted-transport.ts';

function volume(name: string, spec: object): PersistentVolume {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec,
  } as PersistentVolume;
}

function claimed(uid: string, persistentVolumeReclaimPolicy?: string) {
  const policy = persistentVolumeReclaimPolicy && { persistentVolumeReclaimPolicy };
  return { claimRef: { namespace: 'ns', name: 'disk', uid }, ...policy };
}

/** Lists the volumes two a page. */
async function doomed(
  volumes: readonly PersistentVolume[],
  uids: readonly string[],
  namespaces: readonly string[] = [],
) {
  const kernel = createKernel();
  const transport = scriptedTransport(kernel, ({ query }) => {
    const from = Number(query?.['continue'] ?? 0);
    const next = from + 2 < volumes.length ? { continue: String(from + 2) } : {};
    return { status: 200, body: { metadata: next, items: volumes.slice(from, from + 2) } };
  });
  const client = createClient(transport);
  const names = await kernel.run(() =>
    doomedVolumes(client, { uids: new Set(uids), namespaces: new Set(namespaces) }),
  );
  return { names, requests: transport.requests.length };
}

test('those of the claims in question that are not retained, from all pages', async () => {
  const { names, requests } = await doomed(
    [
      volume('deleted', claimed('u1', 'Delete')),
      volume('default', claimed('u2')),
      volume('retained', claimed('u1', 'Retain')),
      volume('stranger', claimed('u9', 'Delete')),
      volume('free', {}),
      volume('recycled', claimed('u2', 'Recycle')),
    ],
    ['u1', 'u2'],
  );
  expect(names).toEqual(['deleted', 'default', 'recycled']);
  expect(requests).toBe(3);
});

test('without claims nobody is asked', async () => {
  const { names, requests } = await doomed([volume('any', claimed('', 'Delete'))], []);
  expect(names).toEqual([]);
  expect(requests).toBe(0);
});

test('those of claims that nobody has seen, where their namespace is deleted', async () => {
  const volumes = [
    volume('deleted', claimed('u7', 'Delete')),
    volume('retained', claimed('u8', 'Retain')),
    volume('elsewhere', { claimRef: { namespace: 'other', name: 'disk', uid: 'u9' } }),
  ];
  expect((await doomed(volumes, [], ['ns'])).names).toEqual(['deleted']);
});
