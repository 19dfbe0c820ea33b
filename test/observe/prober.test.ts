/** When guests are asked, and between which moments each of them began to answer. */

import { expect, test } from 'vitest';
import type { Probe } from '../../src/api/probe.ts';
import { MILLISECOND, SECOND } from '../../src/core/duration.ts';
import type { Expectation } from '../../src/observe/expectation.ts';
import { createProber } from '../../src/observe/prober.ts';
import { newSeenObject, type SeenObject } from '../../src/observe/seen-object.ts';
import { notebookFrom } from '../../src/record/notebook.ts';
import { createKernel } from '../../src/sim/kernel/kernel.ts';

const VMI = 'VirtualMachineInstance';
const ANY = { kind: VMI, namespace: 'ns', name: 'vm-1', disks: 0, golden: false } as const;
const SSH = { is: 'tcp', port: 22 } as const;

const REACHABLE: Expectation = { ...ANY, operation: 1, goal: 'reachable', probe: SSH };

/** A stage of its own: it has to become true after the request. */
const STAGED: Expectation = {
  ...ANY,
  operation: 2,
  goal: 'until',
  stages: [
    {
      name: 'ssh',
      change: 'until 1.0',
      place: `${VMI} ns/vm-1`,
      isOwn: true,
      isGone: false,
      tally: undefined,
      probe: SSH,
    },
  ],
};

/** A guest that takes 300 ms to refuse: what comes up meanwhile is not seen before the next. */
function network(isUp: (atUs: number) => boolean) {
  const kernel = createKernel();
  const asked: number[] = [];
  const told: { readonly change: string; readonly atUs: number; readonly lowerUs: number }[] = [];
  const probe: Probe = async () => {
    const answered = isUp(kernel.nowUs());
    asked.push(kernel.nowUs());
    if (answered) return { answered };
    await kernel.sleep(300 * MILLISECOND);
    return { answered, why: 'no answer' };
  };
  const prober = createProber({
    probe,
    clock: kernel,
    notebook: notebookFrom({ write: () => {}, flush: () => {} }, kernel, 0),
    tell: (_vmi, change, atUs, lowerUs) => told.push({ change, atUs, lowerUs }),
  });
  const vmi = newSeenObject(1, VMI, { namespace: 'ns', name: 'vm-1', uid: 'u' });
  const see = (change: string, value: string, seen: SeenObject = vmi) => {
    seen.knownUs = kernel.nowUs();
    prober.changed(seen, change, value);
  };
  const run = (play: () => Promise<void>) =>
    kernel.run(async () => {
      await play();
      prober.stop();
    });
  return { kernel, prober, asked, told, see, run };
}

test('it came up some time after the start of the last probe that failed', async () => {
  const upUs = 100 * MILLISECOND;
  const { kernel, prober, told, see, run } = network((atUs) => atUs >= upUs);
  await run(async () => {
    see('ip', '10.0.0.1');
    prober.turn(REACHABLE, 0);
    await kernel.sleep(5 * SECOND);
  });
  expect(told).toEqual([expect.objectContaining({ lowerUs: 0, atUs: 500 * MILLISECOND })]);
});

test('before it was asked, it came up after the sight without an address', async () => {
  const { kernel, prober, told, see, run } = network(() => true);
  await run(async () => {
    prober.turn(REACHABLE, 0);
    await kernel.sleep(3 * SECOND);
    see('phase', 'Scheduled');
    await kernel.sleep(7 * SECOND);
    see('ip', '10.0.0.1');
    await kernel.sleep(SECOND);
  });
  expect(told).toEqual([expect.objectContaining({ lowerUs: 3 * SECOND, atUs: 10 * SECOND })]);
});

test('a guest that answered before has to fail first, and then to answer again', async () => {
  const isDown = (atUs: number) => atUs >= 4 * SECOND && atUs < 6 * SECOND;
  const { kernel, prober, told, see, run } = network((atUs) => !isDown(atUs));
  await run(async () => {
    see('ip', '10.0.0.1');
    prober.turn(STAGED, 0);
    await kernel.sleep(10 * SECOND);
  });
  expect(told).toHaveLength(1);
  expect(told[0]?.change).toBe('until 1.0');
  expect(told[0]?.lowerUs).toBeGreaterThanOrEqual(4 * SECOND);
  expect(told[0]?.lowerUs).toBeLessThanOrEqual(6 * SECOND);
  expect(told[0]?.atUs).toBeGreaterThanOrEqual(6 * SECOND);
});

test('nobody is asked at an address that no guest has', async () => {
  const { kernel, prober, asked, see, run } = network(() => true);
  await run(async () => {
    prober.turn(REACHABLE, 0);
    see('ip', '127.0.0.1');
    await kernel.sleep(5 * SECOND);
    see('ip', 'fe80::1%eth0');
    await kernel.sleep(5 * SECOND);
  });
  expect(asked).toEqual([]);
});
