import { expect, test } from 'vitest';
import { createLine } from '../../../src/sim/apiserver/core/line.ts';
import { createKernel } from '../../../src/sim/kernel/kernel.ts';
import { createPacedKernel } from '../../../src/sim/kernel/paced-clock.ts';
import { systemClock } from '../../../src/core/system-clock.ts';

test('an item that cannot leave does not hold up those behind it', async () => {
  const kernel = createPacedKernel({ speed: 1e6, wall: systemClock(), onThrow: () => {} });
  const left: number[] = [];
  await kernel.run(async () => {
    const line = createLine<number>(kernel, 1e6, (item) => {
      if (item === 2) throw new TypeError('odd item');
      left.push(item);
    });
    for (const item of [1, 2, 3]) line.push(item);
    await kernel.sleep(2e6);
    line.push(4);
    await kernel.sleep(2e6);
  });
  expect(left).toEqual([1, 3, 4]);
});

test('what varies leaves in the order it came', async () => {
  const kernel = createKernel();
  const left: (readonly [number, number])[] = [];
  await kernel.run(async () => {
    const delays = [30, 10, 40, 1];
    const draw = () => delays.shift() ?? 0;
    const line = createLine<number>(kernel, draw, (item) => left.push([item, kernel.nowUs()]));
    const startUs = kernel.nowUs();
    for (const item of [1, 2, 3]) line.push(item);
    await kernel.sleep(100);
    line.push(4);
    await kernel.sleep(100);
    expect(left.map(([item, atUs]) => [item, atUs - startUs])).toEqual([
      [1, 30],
      [2, 30],
      [3, 40],
      [4, 101],
    ]);
  });
});
