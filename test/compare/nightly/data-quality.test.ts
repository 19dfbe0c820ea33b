import { expect, test } from 'vitest';
import { runQuality } from '../../../src/compare/nightly/data-quality.ts';
import { nightFiles } from '../../support/nights.ts';

/** What is said of a night whose harness was so late, and whose VMs took so long. */
function doubts(lagSeconds: number, boot: number) {
  const { summary, manifest } = nightFiles({ index: 0, boot });
  const at = { p50: 0, p99: lagSeconds * 1e6, max: lagSeconds * 1e6 };
  const finished = { ...manifest.finished, loopLagUs: at } as NonNullable<typeof manifest.finished>;
  return runQuality(summary, { ...manifest, finished }).map(({ check }) => check);
}

test.each([
  // Twenty milliseconds, or a hundredth of the shortest median.
  [0.02, 1, []],
  [0.021, 1, ['eventLoop']],
  [0.3, 30, []],
  [0.31, 30, ['eventLoop']],
])('an event loop %d s late in a night of %d s: %j', (lag, boot, expected) => {
  expect(doubts(lag, boot)).toEqual(expected);
});
