/** The size of a page does not grow with the run beyond what a mail takes. */

import { expect, test } from 'vitest';
import { reportCost } from './report-cost.ts';

test('10,000 VMs fit into 3 MB', async () => {
  const { pageBytes } = await reportCost(10_000);
  expect(pageBytes).toBeLessThanOrEqual(3e6);
});
