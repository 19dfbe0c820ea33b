import { expect, test } from 'vitest';
import {
  withCondition,
  withoutCondition,
} from '../../../../src/sim/controllers/compute/conditions.ts';

const ready = { type: 'Ready', status: 'True' } as const;

test('the transition time moves only with the status', () => {
  const first = withCondition(undefined, { ...ready, reason: 'A' }, 'one');
  expect(first).toEqual([
    { ...ready, reason: 'A', lastProbeTime: null, lastTransitionTime: 'one' },
  ]);
  const reworded = withCondition(first, { ...ready, reason: 'B' }, 'two');
  expect(reworded[0]).toMatchObject({ reason: 'B', lastTransitionTime: 'one' });
  const turned = withCondition(reworded, { type: 'Ready', status: 'False' }, 'three');
  expect(turned[0]).toMatchObject({ status: 'False', lastTransitionTime: 'three' });
});

test('a list that would not change is the same list', () => {
  const list = withCondition(undefined, ready, 'one');
  expect(withCondition(list, ready, 'two')).toBe(list);
  expect(withoutCondition(list, 'Paused')).toBe(list);
  expect(withoutCondition(list, 'Ready')).toEqual([]);
});
