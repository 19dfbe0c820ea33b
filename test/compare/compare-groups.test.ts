import { expect, test } from 'vitest';
import { compareAlike } from '../support/alike-runs.ts';

/** Waves as the units would call five in ten of them different; `npm run compare-errors` makes more of them, and of other sizes of the effect. */
test('runs that differ by 5 % from run to run are told apart by no group of five', () => {
  const found = Array.from({ length: 10 }, (_, i) => compareAlike(`test/${i}`, 0.05, 5));
  expect(found.filter(({ better, worse }) => better || worse).length).toBeLessThanOrEqual(1);
});
