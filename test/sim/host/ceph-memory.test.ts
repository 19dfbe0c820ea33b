import { expect, test } from 'vitest';
import { CONFIG_MAPS } from '../../../src/api/resources.ts';
import {
  forgetDeleted,
  keepCeph,
  recallCeph,
  withoutUnfinished,
} from '../../../src/sim/host/ceph-memory.ts';
import { GIB, MIB } from '../../../src/core/bytes.ts';
import { SECOND } from '../../../src/core/duration.ts';
import { createRng } from '../../../src/core/rng.ts';
import { createClient } from '../../../src/kube/client.ts';
import { resolveParameters } from '../../../src/parameters/parameters.ts';
import { inProcessTransport } from '../../../src/sim/apiserver/in-process.ts';
import { createApiServer } from '../../../src/sim/apiserver/server/server.ts';
import { createLocalStorage } from '../../../src/sim/hardware/local/local-storage.ts';
import { createRbdCluster, type RbdCluster } from '../../../src/sim/hardware/rbd/cluster.ts';
import type { SavedRbd } from '../../../src/sim/hardware/rbd/saved.ts';
import { createKernel } from '../../../src/sim/kernel/kernel.ts';

const CONTENT = { key: 'rhel9', dataBytes: 512 * MIB, guest: undefined };

function lab() {
  const kernel = createKernel();
  const parameters = resolveParameters();
  const server = createApiServer({ clock: kernel, rng: createRng(1) });
  const client = createClient(inProcessTransport(server, { clock: kernel, ...parameters.api }));
  let started = 0;
  const ceph = (saved?: SavedRbd): RbdCluster => {
    // UUIDs differ from those of the process before.
    const rng = createRng(`process ${(started += 1)}`);
    return createRbdCluster({ clock: kernel, rng, parameters, ...(saved && { saved }) });
  };
  const errors: unknown[] = [];
  const keep = (rbd: RbdCluster) =>
    keepCeph({
      client,
      clock: kernel,
      rbd,
      periodUs: 5 * SECOND,
      onError: (error) => errors.push(error),
    });
  return { kernel, client, ceph, keep, errors };
}

async function volume(rbd: RbdCluster, name: string, source?: string): Promise<string> {
  const from = source === undefined ? {} : { source: { kind: 'volume' as const, handle: source } };
  const made = await rbd.csi.createVolume({ name, sizeBytes: 10 * GIB, ...from });
  if (!made.ok) throw new Error(made.message);
  return made.value.handle;
}

test('who starts after a crash finds what guests wrote and what hangs on what', async () => {
  const { kernel, client, ceph, keep, errors } = lab();
  await kernel.run(async () => {
    const first = ceph();
    expect(await recallCeph(client)).toBeUndefined();
    const memory = keep(first);
    const golden = await volume(first, 'pvc-a');
    first.fill(golden, CONTENT);
    const clone = await volume(first, 'pvc-b', golden);
    first.wrote(clone, 100 * MIB);
    await first.csi.deleteVolume(await volume(first, 'pvc-c'));
    await kernel.sleep(60 * SECOND);
    memory.stop();

    const recalled = await recallCeph(client);
    expect(recalled?.volumes.map(([request]) => request)).toEqual(['pvc-a', 'pvc-b']);
    const second = ceph(recalled);
    expect(second.pool.storedBytes).toBe(first.pool.storedBytes);
    expect(second.pool.objects).toBe(first.pool.objects);
    expect(second.contentOf(clone)).toEqual(CONTENT);
    expect(second.snapshotsOn(golden)).toBe(first.snapshotsOn(golden));
    // The same request is answered with the same volume, as by ceph-csi's journal.
    expect(await volume(second, 'pvc-b', golden)).toBe(clone);
    expect(errors).toEqual([]);
  });
});

test('what was remembered before its data came holds what the objects tell', async () => {
  const { kernel, ceph } = lab();
  await kernel.run(async () => {
    const first = ceph();
    const [golden, copy] = [await volume(first, 'pvc-a'), await volume(first, 'pvc-b')];
    const second = ceph(withoutUnfinished(first.save()));
    const found = { sizeBytes: 10 * GIB, attributes: {} };
    second.adopt({
      volumes: [
        {
          requestName: 'pvc-b',
          handle: copy,
          source: { kind: 'volume', handle: golden },
          ...found,
        },
        { requestName: 'pvc-a', handle: golden, content: CONTENT, ...found },
      ],
      snapshots: [],
    });
    expect([golden, copy].map((handle) => second.contentOf(handle))).toEqual([CONTENT, CONTENT]);
    expect(second.pool.storedBytes).toBe(2 * CONTENT.dataBytes);
    // What is on a volume already is not put there again.
    second.adopt({ volumes: [{ requestName: 'pvc-a', handle: golden, ...found }], snapshots: [] });
    expect(second.pool.storedBytes).toBe(2 * CONTENT.dataBytes);
  });
});

test('on disks of the nodes, a copy holds what its source holds', () => {
  const parameters = resolveParameters();
  const disks = createLocalStorage({ clock: createKernel(), rng: createRng(1), parameters });
  const found = { sizeBytes: 10 * GIB, attributes: {} };
  const from = (handle: string) => ({ source: { kind: 'volume' as const, handle } });
  disks.adopt({
    volumes: [
      { requestName: 'pvc-b', handle: 'b', ...from('a'), ...found },
      { requestName: 'pvc-a', handle: 'a', content: CONTENT, ...found },
      { requestName: 'pvc-c', handle: 'c', ...from('c'), ...found },
    ],
    snapshots: [],
  });
  const held = ['a', 'b', 'c'].map((handle) => disks.contentOf(handle));
  expect(held).toEqual([CONTENT, CONTENT, undefined]);
});

test('at no moment of a clone is there anything that stands in the way of the next process', async () => {
  const { kernel, ceph } = lab();
  await kernel.run(async () => {
    const first = ceph();
    const golden = await volume(first, 'pvc-a');
    first.fill(golden, CONTENT);
    const moments: SavedRbd[] = [];
    const done = volume(first, 'pvc-b', golden);
    const snapshot = first.csi.createSnapshot({ name: 'snapshot-c', sourceHandle: golden });
    for (let i = 0; i < 60; i++) {
      moments.push(withoutUnfinished(JSON.parse(JSON.stringify(first.save())) as SavedRbd));
      await kernel.sleep(SECOND / 20);
    }
    const clone = await done;
    const taken = await snapshot;
    if (!taken.ok) throw new Error(taken.message);
    const volumes = [
      {
        requestName: 'pvc-a',
        handle: golden,
        sizeBytes: 10 * GIB,
        attributes: {},
        content: CONTENT,
      },
      {
        requestName: 'pvc-b',
        handle: clone,
        sizeBytes: 10 * GIB,
        attributes: {},
        source: { kind: 'volume' as const, handle: golden },
      },
    ];
    const { handle, createdUs, sizeBytes } = taken.value;
    const found = { requestName: 'snapshot-c', handle, createdUs, sizeBytes, sourceHandle: golden };
    for (const moment of moments) {
      const next = ceph(moment);
      next.adopt({ volumes, snapshots: [found] });
      expect(next.contentOf(clone)).toEqual(CONTENT);
      const restored = await next.csi.createVolume({
        name: 'pvc-d',
        sizeBytes: 10 * GIB,
        source: { kind: 'snapshot', handle },
      });
      expect(restored).toMatchObject({ ok: true });
    }
  });
});

test('what was deleted meanwhile is deleted, and what cannot be read is no memory', async () => {
  const { kernel, client, ceph } = lab();
  await kernel.run(async () => {
    const first = ceph();
    first.fill(await volume(first, 'pvc-a'), CONTENT);
    const saved = first.save();
    const second = ceph(saved);
    await forgetDeleted(client, second, saved);
    await kernel.sleep(600 * SECOND);
    expect(second.pool.storedBytes).toBe(0);
    const metadata = { namespace: 'kube-system', name: 'simulated-ceph' };
    const binaryData = { rbd: 'bm9uc2Vuc2U=' };
    const nonsense = { apiVersion: 'v1', kind: 'ConfigMap', metadata, binaryData };
    await client.create(CONFIG_MAPS, nonsense);
    expect(await recallCeph(client)).toBeUndefined();
  });
});
