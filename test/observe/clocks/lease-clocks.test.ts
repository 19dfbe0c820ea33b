/** Clocks of nodes and controllers out of the leases that they renew. */

import { expect, test } from 'vitest';
import type { Lease } from '../../../src/api/compute.ts';
import { MILLISECOND, SECOND, seconds } from '../../../src/core/duration.ts';
import { createRng } from '../../../src/core/rng.ts';
import { rfc3339Micro } from '../../../src/core/time-text.ts';
import { createClient } from '../../../src/kube/client.ts';
import { type LeaseClocks, startLeaseClocks } from '../../../src/observe/clocks/lease-clocks.ts';
import type { NoteEntry, OffsetEntry } from '../../../src/record/entry.ts';
import { openNotebook } from '../../../src/record/notebook.ts';
import { collectEntries } from '../../support/collect-entries.ts';
import { createKernel, type Kernel } from '../../../src/sim/kernel/kernel.ts';
import { listOf, scriptedTransport } from '../../support/scripted-transport.ts';

const NODES = 'kube-node-lease';

interface Stage {
  readonly kernel: Kernel;
  readonly requests: readonly unknown[];
  readonly offsets: readonly OffsetEntry[];
  readonly notes: readonly NoteEntry[];
  readonly leases: LeaseClocks;
  /** The holder's clock says this; the stream tells of it at once. */
  renewed(name: string, atUs: number, namespace?: string): void;
}

/** `stored`: what a list shows besides what the stream has told. */
async function play(
  script: (stage: Stage) => Promise<void>,
  stored: (kernel: Kernel) => readonly Lease[] = () => [],
  status = 200,
): Promise<Stage> {
  const kernel = createKernel();
  const transport = scriptedTransport(kernel, () => ({
    status,
    body: status === 200 ? listOf(stored(kernel), 5) : {},
  }));
  const sink = collectEntries();
  const leases = startLeaseClocks({
    client: createClient(transport),
    clock: kernel,
    rng: createRng(1),
    notebook: openNotebook(sink, kernel),
    wallOriginUs: kernel.wallUs(),
    everyUs: 10 * SECOND,
  });
  let version = 10;
  const stage: Stage = {
    kernel,
    leases,
    requests: transport.requests,
    renewed(name, atUs, namespace = NODES) {
      version += 1;
      const object = lease(name, atUs, namespace, version);
      transport.watches.at(-1)?.sink.event({ type: 'MODIFIED', object }, kernel.nowUs());
    },
    get offsets() {
      return sink.entries.filter((entry) => entry.e === 'offset');
    },
    get notes() {
      return sink.entries.filter((entry) => entry.e === 'note');
    },
  };
  await kernel.run(async () => {
    await kernel.sleep(SECOND);
    transport.watches.at(-1)?.sink.opened(kernel.nowUs());
    await script(stage);
    leases.stop();
  });
  return stage;
}

function lease(name: string, atUs: number, namespace = NODES, version = 1): Lease {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace, uid: `uid-${name}`, resourceVersion: String(version) },
    spec: { renewTime: rfc3339Micro(atUs) },
  };
}

/** Renewals each ten seconds, seen as much later, by a clock that is so much ahead. */
async function renewals(stage: Stage, aheadUs: number, lateUs: readonly number[]): Promise<void> {
  const { kernel, renewed } = stage;
  for (const late of lateUs) {
    await kernel.sleep(10 * SECOND);
    renewed('w1', kernel.wallUs() + aheadUs - late);
  }
}

test('the most prompt of the renewals bounds the clock from below', async () => {
  const late = [300, 80, 5, 900].map((ms) => ms * MILLISECOND);
  const { offsets } = await play((stage) => renewals(stage, seconds(2), late));
  expect(offsets).toEqual([
    { e: 'offset', t: 41 * SECOND, clock: 'node/w1', lo: seconds(2) - 5 * MILLISECOND, n: 4 },
  ]);
});

test('a line of the history is worth twenty renewals, each with a best of its own', async () => {
  const late = Array.from({ length: 45 }, (_, i) => (i < 20 ? 50 : 10) * MILLISECOND);
  const { offsets } = await play((stage) => renewals(stage, 0, late));
  expect(offsets.map(({ n, lo }) => [n, lo / MILLISECOND])).toEqual([
    [20, -50],
    [20, -10],
    [5, -10],
  ]);
});

test('a lease that is shown again without a renewal tells nothing', async () => {
  const { offsets } = await play(async ({ kernel, renewed }) => {
    const onceUs = kernel.wallUs();
    for (let i = 0; i < 3; i++) {
      await kernel.sleep(SECOND);
      renewed('w1', onceUs);
    }
  });
  expect(offsets).toMatchObject([{ n: 1, lo: -SECOND }]);
});

test('leaders are filed under the clocks of their stamps, strangers not at all', async () => {
  const { offsets } = await play(async ({ kernel, renewed }) => {
    const nowUs = kernel.wallUs();
    renewed('virt-controller', nowUs, 'kubevirt');
    renewed('cdi-controller-leader', nowUs, 'cdi');
    renewed('kube-scheduler', nowUs, 'kube-system');
    renewed('some-operator', nowUs, 'elsewhere');
  });
  expect(offsets.map(({ clock }) => clock).sort()).toEqual([
    'cdi',
    'kube-scheduler',
    'virt-controller',
  ]);
});

test('lists that are ahead of the stream show how late it is on average', async () => {
  let storedUs = 0;
  const lateUs = 4 * SECOND;
  const { offsets } = await play(
    async ({ kernel, renewed }) => {
      for (let i = 0; i < 40; i++) {
        storedUs = kernel.wallUs();
        kernel.schedule(lateUs, () => renewed('w1', kernel.wallUs() - lateUs));
        await kernel.sleep(10 * SECOND);
      }
    },
    () => (storedUs === 0 ? [] : [lease('w1', storedUs)]),
  );
  // Little's law: out of date for 4 s of every 10.
  const late = offsets.at(-1)?.late ?? 0;
  expect(late).toBeGreaterThan(2.5 * SECOND);
  expect(late).toBeLessThan(5.5 * SECOND);
});

test('a prompt stream has no lateness to mention', async () => {
  let storedUs = 0;
  const { offsets } = await play(
    async ({ kernel, renewed }) => {
      for (let i = 0; i < 40; i++) {
        storedUs = kernel.wallUs();
        renewed('w1', storedUs);
        await kernel.sleep(10 * SECOND);
      }
    },
    () => (storedUs === 0 ? [] : [lease('w1', storedUs)]),
  );
  expect(offsets.length).toBeGreaterThan(0);
  for (const offset of offsets) expect(offset).not.toHaveProperty('late');
});

test('who may not read leases does without, and says so once', async () => {
  const { notes, offsets, requests } = await play(
    ({ kernel }) => kernel.sleep(300 * SECOND),
    () => [],
    403,
  );
  expect(notes).toMatchObject([{ what: 'clock' }]);
  expect(notes[0]?.message).toContain('403');
  expect(offsets).toEqual([]);
  expect(requests).toHaveLength(1);
});
