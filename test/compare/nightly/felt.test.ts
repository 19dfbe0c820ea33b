/** What the cluster felt, in the gate: limits that a scenario sets, and context where it sets none. */

import { expect, test } from 'vitest';
import type { FeltRecord } from '../../../src/analyse/felt.ts';
import { makeNight } from '../../../src/compare/history/make-night.ts';
import { nightText, parseNight } from '../../../src/compare/history/night-text.ts';
import { feltNews } from '../../../src/compare/nightly/felt-context.ts';
import { judgeFeltLimits } from '../../../src/compare/nightly/felt-levels.ts';
import { judgeNight } from '../../../src/compare/nightly/judge-night.ts';
import type { FeltLimitFact } from '../../../src/record/manifest.ts';
import { feltText, levelText } from '../../../src/report/nightly/verdict-text.ts';
import { formatProblem } from '../../../src/scenario/problem.ts';
import { listProblems, SCENARIO } from '../../scenario/sample.ts';
import { nightFiles } from '../../support/nights.ts';

const record = (step: string, max: number | undefined): FeltRecord => ({
  step,
  name: 'latency',
  unit: 'seconds',
  series: 1,
  n: max === undefined ? 0 : 4,
  ...(max === undefined ? {} : { mean: max / 2, max }),
});

const limit = (more: Partial<FeltLimitFact> = {}): FeltLimitFact => ({
  felt: 'latency',
  unit: 'seconds',
  statistic: 'max',
  limit: 0.5,
  ...more,
});

test('a limit holds for each step that has a figure, in the unit of the question', () => {
  const felt = [record('clones', 0.4), record('boots', 2), record('short', undefined)];
  const judged = judgeFeltLimits(felt, [limit()]);
  expect(judged.map(({ step, state }) => [step, state])).toEqual([
    ['clones', 'kept'],
    ['boots', 'missed'],
  ]);
  expect(judged.map(levelText)).toEqual([
    'latency max, step clones: 0.400 s, limit 0.500 s',
    'latency max, step boots: 2.00 s, limit 0.500 s',
  ]);
  const own = judgeFeltLimits(felt, [limit({ step: 'boots', statistic: 'mean', limit: 1 })]);
  expect(own.map(({ step, state }) => [step, state])).toEqual([['boots', 'kept']]);
});

test('a limit on what nobody answered is no pass', () => {
  const [judged] = judgeFeltLimits([record('boots', undefined)], [limit({ step: 'boots' })]);
  expect(judged).toMatchObject({ state: 'absent', step: 'boots' });
});

/** A night whose boots felt at most this latency. */
function night(index: number, max: number) {
  const { summary, manifest } = nightFiles({ index });
  const files = { summary: { ...summary, felt: [record('boots', max)] }, manifest };
  const made = makeNight({ ...files, added: manifest.started });
  if (made.kind !== 'night') throw new Error(made.problems.join());
  return { ...files, night: made.night };
}

test('what is beyond the nights before is told beside the verdict, and changes nothing of it', () => {
  const before = [0.15, 0.17, 0.16].map((max, i) => night(i, max));
  const again = parseNight(nightText(before[0]?.night ?? night(0, 1).night));
  expect(again).toEqual({ kind: 'night', night: before[0]?.night });
  const nights = before.map((each) => each.night);
  expect(feltNews(night(3, 0.18).night, nights)).toEqual([]);
  expect(feltNews(night(3, 9).night, nights.slice(1))).toEqual([]);
  const tonight = night(3, 2.5);
  const history = {
    exists: true,
    nights: nights.map((each) => ({ night: each, file: each.run })),
    problems: [],
  };
  const input = { tonight: tonight.night, history, acknowledgements: [] };
  const options = { dryRun: true, strict: false };
  const { summary, manifest } = tonight;
  const verdict = judgeNight({ ...input, summary, manifest, options });
  expect(verdict.verdict).toBe('learning');
  expect(verdict.felt?.map(feltText)).toEqual([
    'latency, step boots: at most 2.50 s (0.150 s to 0.170 s in 3 nights before)',
  ]);
  const gated = { ...manifest, feltLimits: [limit()] };
  const missed = judgeNight({ ...input, summary, manifest: gated, options });
  expect([missed.verdict, missed.exitCode]).toEqual(['sloMissed', 4]);
});

test.each([
  ['metrics: kubernetes\nslo: [{ felt: VM, max: 1 }]', 'unknown question "VM"'],
  ['slo: [{ felt: VMs, max: 1 }]', 'a question that nobody asks'],
  ['metrics: openshift\nslo: [{ felt: Ceph used, max: 5s }]', '"5s" is no limit in bytes'],
  ['metrics: openshift\nslo: [{ felt: VMs, step: none, max: 5 }]', 'unknown step "none"'],
])('%s is refused', (text, said) => {
  const found = listProblems({ scenario: `${SCENARIO}${text}\n` }).map(formatProblem);
  expect(found.join('\n')).toContain(said);
});
