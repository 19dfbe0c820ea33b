/** Growth of the pool is a step's own only where nothing else was at work in it. */

import { expect, test } from 'vitest';
import { summarise } from '../../src/analyse/summary.ts';
import { history } from '../support/history.ts';

const GIB = 2 ** 30;

/** A wave of each source, the pool's GiB after each; a step border after the last. */
function growth(waves: readonly { source: string; gib: number; seconds?: number }[]) {
  const draft = history();
  const variants = ['pvc', 'snapshot'].map((source) => ({ image: 'rhel9', source }));
  const step = draft.step({ kind: 'clone', name: 's', variants, until: 'dataVolumeSucceeded' });
  draft.add({ e: 'usage', t: 0, s: step, usedBytes: 10 * GIB, totalBytes: 100 * GIB });
  let at = 0;
  for (const [wave, { source, gib, seconds = 60 }] of waves.entries()) {
    draft.wave({ step, wave, at });
    const variant = source === 'pvc' ? 0 : 1;
    const name = `c${wave}`;
    draft.clone({ step, wave, variant, source, name, seen: at + 1, succeeded: at + 5 });
    at += seconds;
    draft.add({ e: 'usage', t: at * 1e6, s: step, w: wave, usedBytes: gib * GIB });
  }
  draft.end(at + 1);
  const { storage, pool } = summarise(draft.run());
  const arms = storage.map(({ dimensions, grownBytes, isMixed }) => [
    dimensions.source,
    grownBytes / GIB,
    isMixed ?? false,
  ]);
  return { arms, pool };
}

test('what an arm of snapshots grows by is its own where it runs alone', () => {
  expect(growth([{ source: 'snapshot', gib: 10 }]).arms).toEqual([['snapshot', 0, false]]);
});

test('behind clones of a PVC, whose flattening goes on, it is mixed', () => {
  const { arms, pool } = growth([
    { source: 'pvc', gib: 30 },
    { source: 'snapshot', gib: 35 },
  ]);
  expect(arms).toEqual([
    ['pvc', 20, false],
    ['snapshot', 5, true],
  ]);
  expect(pool).toEqual({ usedBytes: 35 * GIB, mostUsedBytes: 35 * GIB, totalBytes: 100 * GIB });
});

test('once the pool was at rest for a while, it is its own again', () => {
  const rested = growth([
    { source: 'pvc', gib: 30 },
    { source: 'snapshot', gib: 30 },
  ]);
  expect(rested.arms[1]).toEqual(['snapshot', 0, false]);
  const brief = growth([
    { source: 'pvc', gib: 30 },
    { source: 'snapshot', gib: 30, seconds: 6 },
  ]);
  expect(brief.arms[1]).toEqual(['snapshot', 0, true]);
});
