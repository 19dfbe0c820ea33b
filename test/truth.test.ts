/** A small share of `npm run truth`: recorded spans against what really happened, under faults. */

import { describe, expect, test } from 'vitest';
import { ROOT } from './support/sources.ts';
import { FAULT_CASES, type FaultCase } from './support/truth/cases.ts';
import { judge } from './support/truth/judge.ts';
import { type Play, type PlaySize, play } from './support/truth/play.ts';
import { tally } from './support/truth/tally.ts';

const SIZE = { clones: 24, vms: 24 };
const SEED = 1;

/** Whether two plays are the same does not hang on how long they are. */
const SMALL: PlaySize = { clones: 8, vms: 8 };

const played = new Map<FaultCase, Promise<Play>>();

/** The play of the case, made once. */
function playOf(fault: FaultCase): Promise<Play> {
  const known = played.get(fault) ?? play(ROOT, fault, SEED, SIZE);
  played.set(fault, known);
  return known;
}

function findCase(name: string): FaultCase {
  const found = FAULT_CASES.find((each) => each.name === name);
  if (!found) throw new Error(`no case ${name}`);
  return found;
}

describe('every fault', () => {
  test.each(FAULT_CASES)('$name: nothing is lost, the truth is inside', async (fault) => {
    const row = tally([judge(await playOf(fault))]);
    expect(row.spans).toBeGreaterThan(100);
    expect(row.lost).toBe(0);
    expect(row.insideShare).toBeGreaterThanOrEqual(0.999);
  });
});

test.each(['no faults', 'no faults, clocks left alone'])('%s: no error at all', async (name) => {
  const row = tally([judge(await playOf(findCase(name)))]);
  expect(row.error.max).toBe(0);
  expect(row.intervalShare).toBe(0);
});

test('the faults really happen', async () => {
  const { faultCount } = await playOf(findCase('all of these together'));
  expect(faultCount).toBeGreaterThan(20);
});

test('the same seed gives the same history under faults, another seed another', async () => {
  const text = async (seed: number) => {
    const { entries } = await play(ROOT, findCase('all of these together'), seed, SMALL);
    return entries.map((entry) => JSON.stringify(entry)).join('\n');
  };
  const first = await text(1);
  expect(await text(1)).toBe(first);
  expect(await text(2)).not.toBe(first);
});
