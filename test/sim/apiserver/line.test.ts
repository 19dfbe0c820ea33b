import { expect, test } from 'vitest';
import { createLine } from '../../../src/sim/apiserver/core/line.ts';
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
