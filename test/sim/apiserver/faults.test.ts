/**
 * Faults between client and server: each does what it says and leaves a record, and an informer
 * that recovers as client-go's does ends with the server's state whatever went wrong.
 */

import { expect, test } from 'vitest';
import type { KubeObject } from '../../../src/api/object.ts';
import { CONFIG_MAPS } from '../../../src/api/resources.ts';
import { TransportError, type WatchEvent, type WatchSink } from '../../../src/api/transport.ts';
import { MILLISECOND, SECOND } from '../../../src/core/duration.ts';
import { createRng } from '../../../src/core/rng.ts';
import type { ApiError } from '../../../src/kube/api-error.ts';
import { createClient } from '../../../src/kube/client.ts';
import { startInformer } from '../../../src/kube/informer.ts';
import { createFaults } from '../../../src/sim/apiserver/faults/faults.ts';
import type { FaultPlan } from '../../../src/sim/apiserver/faults/plan.ts';
import { inProcessTransport } from '../../../src/sim/apiserver/in-process.ts';
import { createApiServer } from '../../../src/sim/apiserver/server/server.ts';
import { createKernel } from '../../../src/sim/kernel/kernel.ts';
import { configMap, MAPS, told } from './lab.ts';

const WAY = { roundTripUs: 12 * MILLISECOND, watchDelayUs: 50 * MILLISECOND };

function faultyCluster(plan: FaultPlan, seed = 1) {
  const kernel = createKernel();
  const rng = createRng(seed);
  const server = createApiServer({ clock: kernel, rng });
  const faults = createFaults({ clock: kernel, rng: rng.fork('faults'), plan, server });
  const clear = inProcessTransport(server, { clock: kernel, ...WAY });
  const transport = inProcessTransport(server, { clock: kernel, ...WAY, faults });
  return { kernel, server, faults, transport, clear: createClient(clear), rng };
}

type Cluster = ReturnType<typeof faultyCluster>;

/** Objects come, change and go for `forUs`, over a transport without faults. */
async function churn({ kernel, clear }: Cluster, forUs: number): Promise<void> {
  const startUs = kernel.nowUs();
  for (let i = 0; kernel.nowUs() - startUs < forUs; i++) {
    const name = `m${i % 20}`;
    const ref = { namespace: 'default', name };
    await clear.create(CONFIG_MAPS, configMap(name, { namespace: 'default' }));
    for (let k = 0; k < 3; k++) await clear.patch(CONFIG_MAPS, ref, { data: { k: `${i}.${k}` } });
    if (i % 3 > 0 || i >= 10) await clear.remove(CONFIG_MAPS, ref);
    else await clear.remove(CONFIG_MAPS, ref, {});
    await kernel.sleep(100 * MILLISECOND);
    await clear.create(CONFIG_MAPS, configMap(`kept-${i}`, { namespace: 'default' }));
  }
}

const PLANS: Readonly<Record<string, FaultPlan>> = {
  'cut every few events': { cutEveryEvents: 7 },
  'cut every few seconds': { cutEveryUs: 3 * SECOND },
  'cut with compacted history': { cutEveryUs: 3 * SECOND, cutCompacts: true },
  'compacted every second': { compactEveryUs: SECOND, cutEveryEvents: 20 },
  'bookmarks only': { stall: { everyUs: 2 * SECOND, forUs: 4 * SECOND }, cutEveryUs: 9 * SECOND },
  duplicates: { duplicateRate: 0.5 },
  coalesced: { coalesceUs: 500 * MILLISECOND },
  'late by up to 5 s': { delay: { rate: 0.3, maxUs: 5 * SECOND } },
  'reads dropped': { dropRate: 0.3, cutEveryEvents: 10 },
  restarts: { restart: { everyUs: 7 * SECOND, forUs: 2 * SECOND } },
  'all at once': {
    cutEveryEvents: 30,
    cutEveryUs: 5 * SECOND,
    cutCompacts: true,
    duplicateRate: 0.1,
    coalesceUs: 100 * MILLISECOND,
    delay: { rate: 0.1, maxUs: SECOND },
    dropRate: 0.1,
    latencyMaxUs: 300 * MILLISECOND,
    restart: { everyUs: 20 * SECOND, forUs: SECOND },
  },
};

test.each(Object.entries(PLANS))('an informer recovers: %s', async (_, plan) => {
  const cluster = faultyCluster(plan);
  const { kernel, transport, faults, clear } = cluster;
  await kernel.run(async () => {
    const informer = startInformer({
      client: createClient(transport),
      clock: kernel,
      rng: createRng(3),
      resource: CONFIG_MAPS,
    });
    await churn(cluster, 30 * SECOND);
    faults.stop();
    // Streams go on to be cut: who backs off catches up a few events at a time.
    await kernel.sleep(10 * 60 * SECOND);
    const listed = await clear.list(CONFIG_MAPS, { limit: 5000 });
    const known = [...informer.values()].sort(byName);
    expect(known).toEqual([...listed.items].sort(byName));
    expect(known.length).toBeGreaterThan(50);
    expect(faults.records.length).toBeGreaterThan(2);
    informer.stop();
  });
});

function byName(a: KubeObject, b: KubeObject): number {
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

test('the same seed gives the same faults, another seed others', async () => {
  const recordsOf = async (seed: number) => {
    const cluster = faultyCluster(PLANS['all at once'] ?? {}, seed);
    const { kernel, transport, faults } = cluster;
    await kernel.run(async () => {
      const client = createClient(transport);
      const informer = startInformer({
        client,
        clock: kernel,
        rng: createRng(3),
        resource: CONFIG_MAPS,
      });
      await churn(cluster, 20 * SECOND);
      informer.stop();
    });
    return faults.records;
  };
  const first = await recordsOf(1);
  expect(await recordsOf(1)).toEqual(first);
  expect(await recordsOf(2)).not.toEqual(first);
});

interface Seen {
  readonly events: WatchEvent[];
  readonly times: number[];
  readonly ends: string[];
}

function collect(): Seen & { readonly sink: WatchSink } {
  const seen: Seen = { events: [], times: [], ends: [] };
  const sink: WatchSink = {
    opened: () => {},
    event(event, seenUs) {
      seen.events.push(event);
      seen.times.push(seenUs);
    },
    ended: (end) => seen.ends.push(end.kind),
  };
  return { ...seen, sink };
}

test('a connection that is cut after so many events delivers so many, and breaks', async () => {
  const { kernel, transport, clear } = faultyCluster({ cutEveryEvents: 2 });
  const { events, ends, sink } = collect();
  await kernel.run(async () => {
    transport.watch({ path: MAPS, query: {} }, sink);
    await kernel.sleep(SECOND);
    for (const name of ['a', 'b', 'c']) {
      await clear.create(CONFIG_MAPS, configMap(name, { namespace: 'default' }));
    }
    await kernel.sleep(SECOND);
  });
  expect(ends).toEqual(['broken']);
  expect(told(events)).toEqual(['ADDED a', 'ADDED b']);
});

test('a connection that is cut at a time loses what was on its way', async () => {
  const { kernel, transport, clear, faults } = faultyCluster({ cutEveryUs: 5 * SECOND });
  const { events, times, ends, sink } = collect();
  let sent = 0;
  await kernel.run(async () => {
    transport.watch({ path: MAPS, query: {} }, sink);
    for (; ends.length === 0; sent++) {
      await clear.create(CONFIG_MAPS, configMap(`m${sent}`, { namespace: 'default' }));
    }
    await kernel.sleep(SECOND);
  });
  expect(ends).toEqual(['broken']);
  expect(events.length).toBeLessThan(sent - 1);
  expect(times.at(-1)).toBeLessThanOrEqual(faults.records[0]?.atUs ?? 0);
});

test('while stalled a stream shows only bookmarks of what it delivered', async () => {
  const plan = { stall: { everyUs: 4 * SECOND, forUs: 10 * SECOND } };
  const { kernel, transport, clear } = faultyCluster(plan);
  const { events, times, sink } = collect();
  await kernel.run(async () => {
    transport.watch({ path: MAPS, query: {} }, sink);
    for (let i = 0; i < 20; i++) {
      await kernel.sleep(SECOND);
      await clear.create(CONFIG_MAPS, configMap(`m${i}`, { namespace: 'default' }));
    }
  });
  const first = events.findIndex(({ type }) => type === 'BOOKMARK');
  const resumed = events.findIndex(({ type }, i) => i > first && type === 'ADDED');
  const stalled = events.slice(first, resumed);
  expect(stalled.length).toBeGreaterThan(5);
  for (const { object } of stalled) {
    expect(object.metadata.resourceVersion).toBe(
      events[first - 1]?.object.metadata.resourceVersion,
    );
  }
  const burst = times.filter((timeUs) => timeUs === times[resumed]);
  expect(burst.length).toBeGreaterThan(7);
});

test('coalesced changes arrive once, as the last of them, in growing versions', async () => {
  const { kernel, transport, clear } = faultyCluster({ coalesceUs: 300 * MILLISECOND });
  const { events, sink } = collect();
  await kernel.run(async () => {
    transport.watch({ path: MAPS, query: {} }, sink);
    await kernel.sleep(SECOND);
    await clear.create(CONFIG_MAPS, configMap('other', { namespace: 'default' }));
    await clear.create(CONFIG_MAPS, configMap('m', { namespace: 'default' }));
    for (let k = 0; k < 50; k++) {
      await clear.patch(CONFIG_MAPS, { namespace: 'default', name: 'm' }, { data: { k: `${k}` } });
    }
    await kernel.sleep(SECOND);
  });
  expect(events.length).toBeGreaterThan(2);
  expect(events.length).toBeLessThan(8);
  expect(events.at(-1)?.object).toMatchObject({ data: { k: '49' } });
  const versions = events.map(({ object }) => Number(object.metadata.resourceVersion));
  expect(versions).toEqual([...versions].sort((a, b) => a - b));
  expect(
    told(events)
      .filter((line) => line.startsWith('ADDED'))
      .sort(),
  ).toEqual(['ADDED m', 'ADDED other']);
});

test('delayed events keep their order and are at most so late', async () => {
  const plan = { delay: { rate: 0.5, maxUs: 5 * SECOND } };
  const { kernel, transport, clear } = faultyCluster(plan);
  const { events, times, sink } = collect();
  const sent: number[] = [];
  await kernel.run(async () => {
    transport.watch({ path: MAPS, query: {} }, sink);
    await kernel.sleep(SECOND);
    for (let i = 0; i < 50; i++) {
      await clear.create(CONFIG_MAPS, configMap(`m${i}`, { namespace: 'default' }));
      sent.push(kernel.nowUs() - 6 * MILLISECOND);
    }
    await kernel.sleep(10 * SECOND);
  });
  expect(told(events)).toEqual(sent.map((_, i) => `ADDED m${i}`));
  const lateUs = times.map((timeUs, i) => timeUs - (sent[i] ?? 0) - WAY.watchDelayUs);
  expect(Math.min(...lateUs)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...lateUs)).toBeGreaterThan(SECOND);
  expect(Math.max(...lateUs)).toBeLessThanOrEqual(5 * SECOND);
});

test('writes are throttled and fail at the given rates, and are then not carried out', async () => {
  const plan = { throttle: { rate: 0.2, retryAfterSeconds: 3 }, errorRate: 0.2 };
  const { kernel, transport, server, faults } = faultyCluster(plan);
  const client = createClient(transport);
  const codes = new Map<number, number>();
  await kernel.run(async () => {
    for (let i = 0; i < 1000; i++) {
      const name = `m${i}`;
      try {
        await client.create(CONFIG_MAPS, configMap(name, { namespace: 'default' }));
        expect(server.peek(CONFIG_MAPS, 'default', name)).toBeDefined();
      } catch (error) {
        const { code, retryAfterSeconds } = error as ApiError;
        codes.set(code, (codes.get(code) ?? 0) + 1);
        if (code === 429) expect(retryAfterSeconds).toBe(3);
        expect(server.peek(CONFIG_MAPS, 'default', name)).toBeUndefined();
      }
    }
  });
  expect(new Set(codes.keys())).toEqual(new Set([429, 500, 503, 504]));
  expect(codes.get(429)).toBeGreaterThan(150);
  expect(codes.get(429)).toBeLessThan(250);
  expect(faults.records.filter(({ fault }) => fault === 'throttle')).toHaveLength(
    codes.get(429) ?? 0,
  );
});

test('a lost creation is one: the object exists, and the client cannot know', async () => {
  const { kernel, transport, server } = faultyCluster({ loseCreateRate: 1 });
  await kernel.run(async () => {
    const client = createClient(transport);
    const lost = client.create(CONFIG_MAPS, configMap('m', { namespace: 'default' }));
    await expect(lost).rejects.toThrow(TransportError);
    await lost.catch((error: unknown) => expect(error).toMatchObject({ maybeSent: true }));
    expect(server.peek(CONFIG_MAPS, 'default', 'm')).toBeDefined();
  });
});

test('while the server restarts nobody connects, and afterwards history is gone', async () => {
  const plan = { restart: { everyUs: 10 * SECOND, forUs: 2 * SECOND } };
  const { kernel, transport, clear } = faultyCluster(plan);
  const { ends, sink } = collect();
  const late = collect();
  await kernel.run(async () => {
    transport.watch({ path: MAPS, query: {} }, sink);
    await clear.create(CONFIG_MAPS, configMap('m', { namespace: 'default' }));
    const before = await clear.list(CONFIG_MAPS);
    await clear.create(CONFIG_MAPS, configMap('n', { namespace: 'default' }));
    await kernel.sleep(11 * SECOND);
    expect(ends).toEqual(['broken']);
    const refused = createClient(transport).list(CONFIG_MAPS);
    await refused.catch((error: unknown) => expect(error).toMatchObject({ maybeSent: false }));
    await kernel.sleep(2 * SECOND);
    const { resourceVersion = '' } = before.metadata;
    transport.watch({ path: MAPS, query: { resourceVersion } }, late.sink);
    await kernel.sleep(SECOND);
  });
  expect(late.events).toMatchObject([{ type: 'ERROR', object: { code: 410 } }]);
  expect(late.ends).toEqual(['closed']);
});

test("the server's clock steps: its stamps jump, the run's time does not", async () => {
  const plan = { clockSteps: [{ afterUs: 5 * SECOND, byUs: -3 * SECOND }] };
  const { kernel, clear } = faultyCluster(plan);
  await kernel.run(async () => {
    await kernel.sleep(4 * SECOND);
    const before = await clear.create(CONFIG_MAPS, configMap('a', { namespace: 'default' }));
    await kernel.sleep(2 * SECOND);
    const after = await clear.create(CONFIG_MAPS, configMap('b', { namespace: 'default' }));
    expect(before.metadata.creationTimestamp).toBe('2024-06-01T00:00:04Z');
    expect(after.metadata.creationTimestamp).toBe('2024-06-01T00:00:03Z');
  });
});
