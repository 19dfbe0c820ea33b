/** Both ways to know clocks, begun and ended together. */

import { expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../../src/core/duration.ts';
import { createRng } from '../../../src/core/rng.ts';
import { rfc3339, rfc3339Micro } from '../../../src/core/time-text.ts';
import { createClient } from '../../../src/kube/client.ts';
import { type ClockWatch, watchClocks } from '../../../src/observe/clocks/watch-clocks.ts';
import type { Entry } from '../../../src/record/entry.ts';
import { openNotebook } from '../../../src/record/notebook.ts';
import { collectEntries } from '../../support/collect-entries.ts';
import { createKernel, type Kernel } from '../../../src/sim/kernel/kernel.ts';
import { listOf, scriptedTransport } from '../../support/scripted-transport.ts';

/** What was asked for, and what is in the history, after `script`. */
async function play(leases: boolean, script: (kernel: Kernel, watch: ClockWatch) => Promise<void>) {
  const kernel = createKernel();
  const lease = () => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'w1', namespace: 'kube-node-lease', uid: 'u', resourceVersion: '3' },
    spec: { renewTime: rfc3339Micro(kernel.wallUs()) },
  });
  const transport = scriptedTransport(kernel, ({ method }) =>
    method === 'POST'
      ? { status: 201, body: { metadata: { creationTimestamp: rfc3339(kernel.wallUs()) } } }
      : { status: 200, body: listOf([lease()], 5) },
  );
  const sink = collectEntries();
  const watch = watchClocks({
    client: createClient(transport),
    clock: kernel,
    rng: createRng(1),
    notebook: openNotebook(sink, kernel),
    namespace: 'ns',
    wallOriginUs: kernel.wallUs(),
    tuning: { leases, watchTimeoutUs: 300 * SECOND },
  });
  await kernel.run(() => script(kernel, watch));
  const clocks = (entries: readonly Entry[]) =>
    new Set(entries.flatMap((entry) => (entry.e === 'offset' ? [entry.clock] : [])));
  return { clocks: [...clocks(sink.entries)].sort(), transport, kernel, sink };
}

test('at the end everything that is known of clocks stands in the history', async () => {
  const { clocks, transport, kernel, sink } = await play(true, async (clock, watch) => {
    await clock.sleep(20 * SECOND);
    await watch.finish();
  });
  expect(clocks).toEqual(['apiserver', 'node/w1']);
  const atEnd = sink.entries.filter((it) => it.e === 'offset' && it.t > 20 * SECOND);
  expect(atEnd).toMatchObject([{ clock: 'apiserver' }, { clock: 'apiserver' }, { n: 1 }]);
  const timeoutSeconds = Number(transport.watches[0]?.query['timeoutSeconds']);
  expect(timeoutSeconds).toBeGreaterThanOrEqual(150);
  expect(timeoutSeconds).toBeLessThanOrEqual(300);
  const { length } = transport.requests;
  const written = sink.entries.length;
  await kernel.run(() => kernel.sleep(10 * MINUTE));
  expect(transport.requests).toHaveLength(length);
  expect(sink.entries).toHaveLength(written);
});

test('leases are left alone where nobody wants them', async () => {
  const { clocks, transport } = await play(false, async (clock, watch) => {
    await clock.sleep(20 * SECOND);
    await watch.finish();
  });
  expect(clocks).toEqual(['apiserver']);
  expect(transport.watches).toEqual([]);
  expect(transport.requests.every(({ method }) => method === 'POST')).toBe(true);
});

test('stopped at once it asks nothing more', async () => {
  const { transport, kernel } = await play(true, async (_, watch) => watch.stop());
  const { length } = transport.requests;
  await kernel.run(() => kernel.sleep(10 * MINUTE));
  expect(transport.requests).toHaveLength(length);
});
