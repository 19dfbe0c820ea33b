import { expect, test } from 'vitest';
import { carryOn, seriesId } from '../../../src/compare/history/carry-on.ts';
import { isSameSeries, type Night } from '../../../src/compare/history/night.ts';
import { historyOf, night } from '../../support/nights.ts';

const NAMES = { steps: ['boot rhel9'], images: ['rhel9'], templates: ['vm'] };

function carried(nights: readonly Night[], tonight?: Night): readonly Night[] {
  return carryOn(historyOf(nights), tonight).nights.map((stored) => stored.night);
}

test('nights of before there were series go on under the hash of tonight', () => {
  const old = night({ index: 0, hash: 'whole-file' });
  const tonight = { ...night({ index: 1 }), scenarioHash: 'load', formerHash: 'whole-file' };
  const [first] = carried([old], tonight);
  expect(first && isSameSeries(first, tonight)).toBe(true);
  const other = night({ index: 0, hash: 'another-file' });
  expect(carried([other], tonight)).toEqual([other]);
});

test('a step and an image that are called otherwise go on under their new names', () => {
  const was: Night = { ...night({ index: 0 }), names: NAMES };
  const names = { steps: ['boots'], images: ['os'], templates: ['vm'] };
  const [first] = carried([was], { ...night({ index: 1 }), names });
  for (const part of ['metrics', 'stages', 'waves'] as const) {
    expect(first?.[part].length).toBeGreaterThan(0);
    for (const filing of first?.[part] ?? []) {
      expect(filing).toMatchObject({ step: 'boots', image: 'os' });
    }
  }
});

test('nights of another series keep their names', () => {
  const was: Night = { ...night({ index: 0, hash: 'other' }), names: NAMES };
  const names = { steps: ['boots'], images: ['os'], templates: ['vm'] };
  expect(carried([was], { ...night({ index: 1 }), names })).toEqual([was]);
});

test('a series that is named is told by its name alone', () => {
  const named = seriesId({ series: 'storage', load: 'a', hash: 'b' });
  expect(named).toBe(seriesId({ series: 'storage', load: 'c', hash: 'd' }));
  expect(named).not.toBe(seriesId({ series: 'boots', load: 'a', hash: 'b' }));
  expect(seriesId({ load: 'a', hash: 'b' })).toBe('a');
  expect(seriesId({ hash: 'b' })).toBe('b');
});
