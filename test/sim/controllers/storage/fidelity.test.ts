/** The waves that were recorded on real controllers, within the limits of `npm run fidelity`. */

import { describe, expect, test } from 'vitest';
import { compareAttach, compareWave, isWithin, type Row } from '../../../support/fidelity/table.ts';

const SEEDS = [1, 2, 3];

function farApart(rows: readonly Row[]): readonly string[] {
  return rows.filter((row) => !isWithin(row)).map(({ wave, what }) => `${wave}: ${what}`);
}

describe('a hundred objects at fifty a second', () => {
  test('clones of a snapshot', async () => {
    expect(farApart(await compareWave('snapshot', SEEDS))).toEqual([]);
  });

  test('clones by the driver', async () => {
    expect(farApart(await compareWave('csiClone', SEEDS))).toEqual([]);
  });

  test('clones by way of a snapshot', async () => {
    expect(farApart(await compareWave('smartClone', SEEDS))).toEqual([]);
  });

  test('attached volumes', async () => {
    expect(farApart(await compareAttach())).toEqual([]);
  });
});
