/** Stages of one and the same cluster, watched well and watched through gaps. */

import { expect, test } from 'vitest';
import { openRun } from '../../src/analyse/open-run.ts';
import { stageKey, stageTimes } from '../../src/calibrate/stage-times.ts';
import { getFilePath } from '../../src/record/layout.ts';
import { embeddedRun } from '../support/embedded-run.ts';

const GAPS = ['cutAfter=40s', 'stall={every: 60s, for: 3s}'];

async function stagesOf(overrides: readonly string[]) {
  const { folder } = await embeddedRun('smoke', overrides);
  return stageTimes(openRun(getFilePath(folder, 'history')));
}

const valuesOf = ({ waves }: { waves: readonly { values: readonly number[] }[] }) =>
  waves.flatMap(({ values }) => values);

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

test('what a gap blurs is left out and counted, and what is left is as it was', async () => {
  const clean = new Map((await stagesOf([])).map((stage) => [stageKey(stage), stage]));
  const gaps = await stagesOf(GAPS.map((each) => `simulation.faults.watches.${each}`));
  const missing = gaps.flatMap(({ waves }) => waves.map((wave) => wave.missing));
  expect(Math.max(...missing)).toBeGreaterThan(0);
  const guests = gaps.find(({ stage }) => stage === 'domain start');
  const before = clean.get(guests ? stageKey(guests) : '');
  if (!guests || !before) throw new Error('no domains were started');
  expect(valuesOf(before)).toHaveLength(10);
  expect(valuesOf(guests).length).toBeGreaterThan(2);
  expect(mean(valuesOf(guests)) / mean(valuesOf(before))).toBeCloseTo(1, 0);
  for (const stage of clean.values()) {
    expect(stage.waves.every((wave) => wave.missing === 0)).toBe(true);
  }
});

// How late a watch is, where webhooks keep creations, is told by the server's clock: not asked here.
const ADMITTED_AT_ONCE = ['simulation.cdiApi.qps=1000', 'simulation.cdiApi.burst=1000'];

test('a watch that is late all the time blurs nothing: it is late at both ends', async () => {
  const stages = await stagesOf(['simulation.api.watchDelay=400ms', ...ADMITTED_AT_ONCE]);
  const missing = stages.flatMap(({ waves }) => waves.map((wave) => wave.missing));
  expect(missing.every((n) => n === 0)).toBe(true);
  expect(stages.some(({ stage }) => stage === 'domain start')).toBe(true);
});

test('waves that warm up are left out', async () => {
  const warm = await stagesOf(['steps.2.boot.wave.size=5', 'steps.2.boot.wave.warmup=1']);
  const guests = warm.find(({ stage }) => stage === 'domain start');
  expect(guests?.waves.map(({ index, values }) => [index, values.length])).toEqual([[1, 5]]);
});

test('an answer to a second try tells nothing of how long a request takes', async () => {
  const stages = await stagesOf(['simulation.faults.requests.errors=30%']);
  const requests = stages.filter(({ stage }) => stage === 'request');
  const missing = requests.flatMap(({ waves }) => waves.map((wave) => wave.missing));
  expect(Math.max(...missing)).toBeGreaterThan(0);
  expect(requests.flatMap(valuesOf).length).toBeGreaterThan(0);
});
