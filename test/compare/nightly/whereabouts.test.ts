import { describe, expect, test } from 'vitest';
import { whereabouts } from '../../../src/compare/nightly/whereabouts.ts';
import type { Night } from '../../../src/compare/history/night.ts';
import { createRng } from '../../../src/core/rng.ts';
import { night } from '../../support/nights.ts';

const KEY = { metric: 'guestReady', statistic: 'p50', step: 'boot rhel9', image: 'rhel9' } as const;

/** A night whose nodes have these medians. */
function nodes(index: number, medians: readonly number[]): Night {
  const p50 = Object.fromEntries(medians.map((seconds, i) => [`worker-${i}`, seconds]));
  return {
    ...night({ index }),
    nodes: [{ metric: 'guestReady', step: 'boot rhel9', image: 'rhel9', p50 }],
  };
}

function many(name: string, level: number, spread: number): number[] {
  const rng = createRng(name);
  return Array.from({ length: 100 }, () => level + spread * rng.normal());
}

describe('where a change shows', () => {
  test('on one node that moved while the others did not', () => {
    const before = nodes(0, many('before', 30, 0.5));
    const after = nodes(
      1,
      many('after', 30, 0.5).map((s, i) => (i === 17 ? s + 20 : s)),
    );
    const { node } = whereabouts(KEY, [before], [after], true);
    expect(node).toMatchObject({ name: 'worker-17', of: 100, pattern: 'one' });
  });

  test('on all nodes that moved alike', () => {
    const before = nodes(0, many('before', 30, 0.5));
    const after = nodes(1, many('after', 40, 0.5));
    expect(whereabouts(KEY, [before], [after], true).node?.pattern).toBe('alike');
  });

  test('on none, where few VMs a node make their medians scatter', () => {
    const before = nodes(0, many('before', 20, 4));
    const after = nodes(1, many('after', 23, 4));
    expect(whereabouts(KEY, [before], [after], true).node?.pattern).toBe('scattered');
  });

  test('only where both sides have the part', () => {
    const [before, after] = [nodes(0, [30]), nodes(1, [30, 60])];
    expect(whereabouts(KEY, [before], [after], true).node).toBeUndefined();
  });

  test('in the stage that gained most, where a figure improved', () => {
    const before = night({ index: 0, stages: { scheduling: 20, running: 10 } });
    const after = night({ index: 1, stages: { scheduling: 8, running: 11 } });
    const { stage } = whereabouts(KEY, [before], [after], false);
    expect(stage).toEqual({ stage: 'scheduling', of: 'boot', before: 20, after: 8, share: 1 });
  });

  test('in no stage, where all of them went the other way', () => {
    const before = night({ index: 0, stages: { scheduling: 10.2, running: 10 } });
    const after = night({ index: 1, stages: { scheduling: 10.4, running: 10 } });
    expect(whereabouts(KEY, [before], [after], false).stage).toBeUndefined();
  });
});
