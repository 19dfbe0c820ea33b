/** The API server's clock against ours: bounds that hold, narrow down, and notice a step. */

import { expect, test } from 'vitest';
import { type ApiRequest, TransportError } from '../../../src/api/transport.ts';
import { MILLISECOND, MINUTE, SECOND, seconds } from '../../../src/core/duration.ts';
import { createRng } from '../../../src/core/rng.ts';
import { rfc3339 } from '../../../src/core/time-text.ts';
import { createClient } from '../../../src/kube/client.ts';
import { type ServerClock, startServerClock } from '../../../src/observe/clocks/server-clock.ts';
import type { NoteEntry, OffsetEntry } from '../../../src/record/entry.ts';
import { openNotebook } from '../../../src/record/notebook.ts';
import { collectEntries } from '../../support/collect-entries.ts';
import { createKernel, type Kernel } from '../../../src/sim/kernel/kernel.ts';

interface Stage {
  readonly kernel: Kernel;
  readonly requests: ApiRequest[];
  readonly offsets: readonly OffsetEntry[];
  readonly notes: readonly NoteEntry[];
  readonly watch: ServerClock;
}

/** A server whose clock is `aheadUs` of ours; what it answers other than its time, if anything. */
async function play(
  aheadUs: (runUs: number) => number,
  script: (stage: Stage) => Promise<void>,
  trouble: (request: number) => number | TransportError | undefined = () => undefined,
): Promise<Stage> {
  const kernel = createKernel();
  const dice = createRng(4);
  const requests: ApiRequest[] = [];
  const client = createClient({
    watch: () => () => {},
    async request(request) {
      requests.push(request);
      const failure = trouble(requests.length);
      // Both ways take their time, and not the same.
      await kernel.sleep(dice.uniform(2, 12) * MILLISECOND);
      const creationTimestamp = rfc3339(kernel.wallUs() + aheadUs(kernel.nowUs()));
      await kernel.sleep(dice.uniform(2, 12) * MILLISECOND);
      if (failure instanceof TransportError) throw failure;
      const body = failure === undefined ? { metadata: { creationTimestamp } } : { message: 'no' };
      return { status: failure ?? 201, body, receivedUs: kernel.nowUs() };
    },
  });
  // The run began at an odd moment of a clock of its own.
  await kernel.run(() => kernel.sleep(1_234_567));
  const sink = collectEntries();
  const notebook = openNotebook(sink, kernel);
  const watch = startServerClock({
    client,
    clock: kernel,
    notebook,
    namespace: 'ns',
    wallOriginUs: kernel.wallUs(),
    everyUs: MINUTE,
  });
  const stage: Stage = {
    kernel,
    requests,
    watch,
    get offsets() {
      return sink.entries.filter((entry) => entry.e === 'offset');
    },
    get notes() {
      return sink.entries.filter((entry) => entry.e === 'note');
    },
  };
  await kernel.run(async () => {
    await script(stage);
    watch.stop();
  });
  return stage;
}

function common(offsets: readonly OffsetEntry[]) {
  const lo = Math.max(...offsets.map((entry) => entry.lo));
  const hi = Math.min(...offsets.map((entry) => entry.hi ?? Number.POSITIVE_INFINITY));
  return { lo, hi, widthUs: hi - lo };
}

test.each([0, 0.3, -0.3, 0.9999, 12.3456, -7.5])(
  'a clock %d s ahead is bounded by every answer, and soon to about the round trip',
  async (ahead) => {
    const aheadUs = seconds(ahead);
    const { offsets, requests } = await play(
      () => aheadUs,
      ({ kernel }) => kernel.sleep(30 * SECOND),
    );
    for (const { lo, hi = 0 } of offsets) {
      expect(lo).toBeLessThanOrEqual(aheadUs);
      expect(hi).toBeGreaterThanOrEqual(aheadUs);
    }
    expect(common(offsets).widthUs).toBeLessThan(30 * MILLISECOND);
    expect(requests.length).toBeLessThanOrEqual(12);
    expect(offsets[0]?.clock).toBe('apiserver');
  },
);

test('it asks by a dry run, which creates nothing', async () => {
  const { requests } = await play(
    () => 0,
    ({ kernel }) => kernel.sleep(10 * SECOND),
  );
  for (const { method, path, query } of requests) {
    expect({ method, path, query }).toEqual({
      method: 'POST',
      path: '/api/v1/namespaces/ns/configmaps',
      query: { dryRun: 'All' },
    });
  }
});

test('a clock that keeps its pace costs a few looks a period, against drift', async () => {
  const { requests } = await play(
    () => 0,
    async ({ kernel, requests: asked }) => {
      await kernel.sleep(50 * SECOND);
      asked.length = 0;
      await kernel.sleep(10 * MINUTE);
    },
  );
  expect(requests.length).toBeGreaterThanOrEqual(18);
  expect(requests.length).toBeLessThanOrEqual(60);
});

test('a clock that is stepped is found out and sought again', async () => {
  const stepUs = seconds(3);
  const { offsets } = await play(
    (runUs) => (runUs < 5 * MINUTE ? 0 : stepUs),
    ({ kernel }) => kernel.sleep(10 * MINUTE),
  );
  const after = offsets.filter(({ t }) => t > 7 * MINUTE);
  expect(common(after).widthUs).toBeLessThan(30 * MILLISECOND);
  expect(Math.abs(common(after).lo - stepUs)).toBeLessThan(30 * MILLISECOND);
  expect(common(offsets).widthUs).toBeLessThan(0);
});

test('a step just before the end is seen by the last look', async () => {
  let aheadUs = 0;
  const { offsets } = await play(
    () => aheadUs,
    async ({ kernel, watch }) => {
      await kernel.sleep(90 * SECOND);
      aheadUs = seconds(2);
      await watch.finish();
    },
  );
  expect(common(offsets).widthUs).toBeLessThan(0);
});

test.each([403, 404])('a refusal by %i is noted once, and nothing more is asked', async (code) => {
  const { requests, notes, offsets } = await play(
    () => 0,
    async ({ kernel, watch }) => {
      await kernel.sleep(10 * MINUTE);
      await watch.finish();
    },
    () => code,
  );
  expect(requests).toHaveLength(1);
  expect(notes).toMatchObject([{ what: 'clock' }]);
  expect(offsets).toEqual([]);
});

test('troubles that pass cost answers, not the bounds', async () => {
  const troubles = [503, new TransportError('reset', true, 'ECONNRESET'), 429];
  const { offsets, notes } = await play(
    () => seconds(0.25),
    ({ kernel }) => kernel.sleep(3 * MINUTE),
    (request) => troubles[request - 1],
  );
  expect(notes).toEqual([]);
  expect(common(offsets).widthUs).toBeLessThan(30 * MILLISECOND);
  expect(common(offsets).lo).toBeLessThanOrEqual(seconds(0.25));
  expect(common(offsets).hi).toBeGreaterThanOrEqual(seconds(0.25));
});
