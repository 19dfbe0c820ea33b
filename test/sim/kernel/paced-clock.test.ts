/** The paced kernel against a wall clock that the test turns by hand. */

import { expect, test } from 'vitest';
import type { Clock } from '../../../src/core/clock.ts';
import { settle } from '../../../src/core/settle.ts';
import { createPacedKernel } from '../../../src/sim/kernel/paced-clock.ts';

function handTurnedClock() {
  let nowUs = 0;
  let timers: { dueUs: number; callback: () => void }[] = [];
  const clock: Clock = {
    nowUs: () => nowUs,
    wallUs: () => 1_000_000e6 + nowUs,
    sleep: () => Promise.resolve(),
    schedule(delayUs, callback) {
      const timer = { dueUs: nowUs + delayUs, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  };
  const turn = async (byUs: number) => {
    nowUs += byUs;
    for (const timer of timers.filter(({ dueUs }) => dueUs <= nowUs)) {
      timers = timers.filter((other) => other !== timer);
      timer.callback();
    }
    for (let i = 0; i < 20; i++) await settle();
  };
  return { clock, turn };
}

test('simulated time is a multiple of the wall clock, and timers fire at their own times', async () => {
  const { clock, turn } = handTurnedClock();
  const kernel = createPacedKernel({ speed: 60, wall: clock });
  const fired: number[] = [];
  const outcome = kernel.run(async () => {
    for (const delayUs of [1e6, 30e6, 60e6]) {
      kernel.schedule(delayUs, () => fired.push(kernel.nowUs()));
    }
    await kernel.sleep(90e6);
    return kernel.nowUs();
  });
  await turn(0.4e6);
  expect(fired).toEqual([1e6]);
  await turn(0.7e6);
  expect(fired).toEqual([1e6, 30e6, 60e6]);
  await turn(0.5e6);
  expect(await outcome).toBe(90e6);
});

test('what comes from outside happens at the paced time', async () => {
  const { clock, turn } = handTurnedClock();
  const kernel = createPacedKernel({ speed: 10, wall: clock });
  let handledUs: number | undefined;
  let stop = () => {};
  const outcome = kernel.run(() => new Promise<void>((resolve) => (stop = resolve)));
  await turn(2e6);
  kernel.inject(() => {
    handledUs = kernel.nowUs();
  });
  await turn(0);
  expect(handledUs).toBe(20e6);
  expect(kernel.lagUs()).toBe(0);
  stop();
  await turn(0);
  await outcome;
});

test('a machine that cannot keep up fires late, in order, and says how late', async () => {
  const { clock, turn } = handTurnedClock();
  const kernel = createPacedKernel({ speed: 60, wall: clock });
  const order: string[] = [];
  const outcome = kernel.run(async () => {
    kernel.schedule(60e6, () => order.push(`a ${kernel.nowUs() / 1e6}`));
    kernel.schedule(120e6, () => order.push(`b ${kernel.nowUs() / 1e6}`));
    await kernel.sleep(180e6);
  });
  await turn(0);
  await turn(10e6);
  await outcome;
  expect(order).toEqual(['a 60', 'b 120']);
  expect(kernel.worstLagUs()).toBe(600e6 - 60e6);
});

test('stamps begin with the wall clock, and a crash ends the run', async () => {
  const { clock, turn } = handTurnedClock();
  const kernel = createPacedKernel({ speed: 60, wall: clock });
  expect(kernel.wallUs()).toBe(1_000_000e6);
  const outcome = kernel.run(() => new Promise<void>(() => {}));
  kernel.crash(new Error('broken'));
  const rejected = expect(outcome).rejects.toThrow('broken');
  await turn(0);
  await rejected;
});

test('where someone is told of it, what a timer throws does not end the run', async () => {
  const { clock, turn } = handTurnedClock();
  const thrown: unknown[] = [];
  const kernel = createPacedKernel({ speed: 1, wall: clock, onThrow: (it) => thrown.push(it) });
  const outcome = kernel.run(async () => {
    kernel.schedule(1e6, () => {
      throw new TypeError('odd object');
    });
    await kernel.sleep(2e6);
    return 'went on';
  });
  await turn(3e6);
  expect(await outcome).toBe('went on');
  expect(thrown).toEqual([new TypeError('odd object')]);
});
