import { describe, expect, test } from 'vitest';
import type { History } from '../../../src/compare/history/store.ts';
import {
  type Acknowledgement,
  parseAcknowledgements,
} from '../../../src/compare/nightly/acknowledgements.ts';
import { judgeNight, type NightOptions } from '../../../src/compare/nightly/judge-night.ts';
import type { NightlyVerdict, SeriesVerdict } from '../../../src/compare/nightly/verdict.ts';
import {
  BOOT,
  historyOf,
  metricRecord,
  night,
  type NightDraft,
  nightFiles,
  noisy,
  parseStartVersion,
  steps,
} from '../../support/nights.ts';

interface Extra {
  readonly options?: Partial<NightOptions>;
  readonly acknowledgements?: readonly Acknowledgement[];
}

function judge(draft: NightDraft, history: History, extra: Extra = {}): NightlyVerdict {
  return judgeNight({
    ...nightFiles(draft),
    tonight: night(draft),
    history,
    acknowledgements: extra.acknowledgements ?? [],
    options: { dryRun: false, strict: false, ...extra.options },
  });
}

/** Nights with these medians; the last one is judged against the others. */
function judgeLevels(levels: readonly number[], extra: Extra & Partial<NightDraft> = {}) {
  const drafts = levels.map((boot, index) => ({ index, boot }));
  const history = historyOf(drafts.slice(0, -1).map((draft) => night(draft)));
  return judge({ ...(drafts.at(-1) as NightDraft), ...extra }, history, extra);
}

function figure({ series }: NightlyVerdict, statistic = 'p95'): SeriesVerdict {
  const found = series.find((one) => one.metric === 'guestReady' && one.statistic === statistic);
  if (found === undefined) throw new Error('no such figure');
  return found;
}

const STABLE = noisy('stable', steps([30, 30]));

describe('a verdict', () => {
  test('on a night like the others is a pass', () => {
    const verdict = judgeLevels([...STABLE, 30.5]);
    expect(verdict).toMatchObject({ verdict: 'pass', exitCode: 0 });
    expect(verdict.history).toMatchObject({ nights: 30, added: true, since: parseStartVersion(0) });
    expect(figure(verdict)).toMatchObject({ state: 'stable', nights: 30 });
  });

  test('on one odd night is a suspicion, which fails nothing but a strict job', () => {
    const levels = [...STABLE, 45];
    expect(judgeLevels(levels)).toMatchObject({ verdict: 'suspect', exitCode: 0 });
    const strict = judgeLevels(levels, { options: { strict: true } });
    expect(strict).toMatchObject({ verdict: 'suspect', exitCode: 2 });
    expect(figure(strict).state).toBe('suspect');
  });

  test('on a second night as odd as the first is a suspicion again', () => {
    expect(judgeLevels([...STABLE, 45, 43])).toMatchObject({ verdict: 'suspect' });
  });

  test('on a level that stays higher is a regression, with its size, its start and its q', () => {
    const verdict = judgeLevels([...STABLE, ...noisy('up', steps([4, 45]))]);
    expect(verdict).toMatchObject({ verdict: 'regression', exitCode: 2 });
    const { state, change, blame } = figure(verdict);
    expect(state).toBe('regressed');
    expect(change?.nights).toBe(4);
    expect(change?.ratio).toBeCloseTo(1.5, 1);
    expect(change?.q).toBeLessThan(0.001);
    expect(change?.q).toBeGreaterThanOrEqual(change?.p ?? 1);
    expect(blame).toMatchObject({ lastGood: { run: 'night-29' }, firstBad: { run: 'night-30' } });
  });

  test('on a level that went down is an improvement, and a pass', () => {
    const verdict = judgeLevels([...STABLE, ...noisy('down', steps([6, 22]))]);
    expect(verdict).toMatchObject({ verdict: 'pass', exitCode: 0 });
    expect(figure(verdict).state).toBe('improved');
    expect(verdict.headline).toContain('improved');
  });

  test('does not forget: a level that stayed higher is open until somebody says so', () => {
    const old = noisy('old', steps([30, 30], [20, 45]));
    const verdict = judgeLevels([...old, 45.2]);
    expect(verdict).toMatchObject({ verdict: 'regression', exitCode: 2 });
    expect(figure(verdict).change).toMatchObject({ nights: 21, confirmedNights: 19 });
  });

  test('does not take less bad for good: +50 %, then +33 %', () => {
    const verdict = judgeLevels(noisy('less', steps([30, 30], [6, 45], [5, 40])));
    expect(verdict).toMatchObject({ verdict: 'regression', exitCode: 2 });
    const { change } = figure(verdict);
    expect(change?.nights).toBe(11);
    expect(change?.before.value).toBeCloseTo(30 * 1.2, -0.5);
    expect(change?.ratio).toBeLessThan(1.45);
    expect(change?.ratio).toBeGreaterThan(1.25);
  });

  test('sees that tonight is back, and after some nights that it is over', () => {
    const bad = noisy('fixed', steps([30, 30], [6, 45], [5, 30]));
    const first = judgeLevels(bad.slice(0, 37));
    expect(first).toMatchObject({ verdict: 'pass', exitCode: 0 });
    expect(figure(first)).toMatchObject({ state: 'recovering', change: { nights: 7 } });
    expect(first.headline).toContain('is back on its level tonight, after 7 nights');
    const later = judgeLevels(bad);
    expect(later.verdict).toBe('pass');
    expect(figure(later)).toMatchObject({ state: 'stable' });
    expect(figure(later).change).toBeUndefined();
  });

  test('finds a small change that takes more than fifteen nights of evidence', () => {
    const levels = noisy('slow', steps([30, 30], [38, 33]), 10);
    const found = levels.findIndex(
      (_, i) => i > 30 && figure(judgeLevels(levels.slice(0, i + 1))).state === 'regressed',
    );
    expect(found).toBeGreaterThan(45);
  });

  test('tells a further change on top of one that is open', () => {
    const verdict = judgeLevels(noisy('twice', steps([30, 30], [12, 40], [6, 60])));
    const { open, change } = figure(verdict);
    expect(open?.map(({ nights }) => nights)).toEqual([18, 6]);
    expect(change?.nights).toBe(18);
  });

  test('two extreme last nights hide no change before them', () => {
    const verdict = judgeLevels([...noisy('hidden', steps([30, 30], [5, 40])), 200, 220]);
    expect(figure(verdict)).toMatchObject({ state: 'regressed', change: { nights: 7 } });
  });

  test('rests on few figures; the others are told beside it', () => {
    const { series } = judgeLevels([...STABLE, 30]);
    const gated = series.filter((one) => one.gated).map((one) => `${one.metric} ${one.statistic}`);
    expect(gated).toEqual(['guestReady p95', 'guestReady successShare']);
    expect(series.filter((one) => !one.gated)).toHaveLength(2);
  });

  test('on a small change that is real is a pass: below 5 % nobody acts', () => {
    const levels = noisy('small', steps([30, 30], [10, 30.9]), 0.2);
    expect(judgeLevels(levels)).toMatchObject({ verdict: 'pass' });
  });

  test('on a change below the absolute floor is a pass', () => {
    const levels = noisy('floor', steps([30, 0.3], [10, 0.36]), 0.5);
    expect(figure(judgeLevels(levels)).state).toBe('stable');
    expect(figure(judgeLevels(levels.map((level) => level * 100))).state).toBe('regressed');
  });

  test('with too few nights is no verdict; a strict job is told that data are insufficient', () => {
    const levels = noisy('few', steps([12, 30]));
    expect(judgeLevels(levels)).toMatchObject({ verdict: 'learning', exitCode: 0 });
    expect(judgeLevels(levels, { options: { strict: true } }).exitCode).toBe(3);
    const one = judgeLevels([30]);
    expect(one).toMatchObject({ verdict: 'learning', exitCode: 0 });
    expect(one.history).toMatchObject({ nights: 0, newSeries: { because: 'first' } });
  });

  test('on equal values is a pass, and a step between equal values a regression', () => {
    expect(judgeLevels(steps([31, 30]))).toMatchObject({ verdict: 'pass' });
    expect(judgeLevels(steps([30, 30], [3, 33]))).toMatchObject({ verdict: 'regression' });
  });

  test('on fewer VMs reached is about the share, where more is better', () => {
    const drafts = steps([30, 0], [4, 8]).map((missed, index) => ({ index, boot: 30, missed }));
    const history = historyOf(drafts.slice(0, -1).map((draft) => night(draft)));
    const verdict = judge(drafts.at(-1) as NightDraft, history);
    expect(figure(verdict, 'successShare')).toMatchObject({ state: 'regressed' });
    expect(figure(verdict, 'successShare').change?.ratio).toBeCloseTo(0.92);
  });

  test('on a median that is not reached any more is a regression at once', () => {
    const history = historyOf(STABLE.map((boot, index) => night({ index, boot })));
    for (const boot of [{ over: 600 }, { never: true }] as const) {
      const verdict = judge({ index: 30, boot }, history);
      expect(verdict).toMatchObject({ verdict: 'regression' });
      expect(figure(verdict).change).toMatchObject({ kind: 'unreached', nights: 1 });
    }
  });
});

describe('blame', () => {
  test('names the constant that differs between the last good and the first bad night', () => {
    const nights = STABLE.map((boot, index) => night({ index, boot }));
    const slow = { 'simulation.attacher.qps': '2.5' };
    const late = [45, 46, 44].map((boot, i) => night({ index: 30 + i, boot, facts: slow }));
    const verdict = judge({ index: 33, boot: 45, facts: slow }, historyOf([...nights, ...late]));
    expect(figure(verdict).blame?.differences).toEqual([
      { fact: 'simulation.attacher.qps', before: '5', after: '2.5' },
    ]);
  });

  test('names stage and wave: what grew most, and whether the others did too', () => {
    const before = STABLE.map((boot, index) => {
      return night({ index, boot, stages: { scheduling: 10, running: 20 }, waves: [30, 30, 30] });
    });
    const bad = { boot: 45, stages: { scheduling: 24, running: 21 }, waves: [31, 31, 75] };
    const after = [30, 31, 32].map((index) => night({ ...bad, index }));
    const { where } = figure(judge({ ...bad, index: 33 }, historyOf([...before, ...after])));
    expect(where?.stage).toMatchObject({ stage: 'scheduling', before: 10, after: 24 });
    expect(where?.stage?.share).toBeCloseTo(14 / 15);
    expect(where?.wave).toEqual({ name: '2', before: 30, after: 75, of: 3, pattern: 'one' });
    expect(where?.node).toBeUndefined();
  });
});

describe('an acknowledged change', () => {
  test('has days of the calendar', () => {
    const parsed = (since: string, until: string) =>
      parseAcknowledgements(
        `acknowledged:\n  - since: ${since}\n    reason: r\n    until: ${until}\n`,
        'ack.yaml',
      );
    expect(parsed('2028-02-29', '2028-04-30').kind).toBe('acknowledgements');
    expect(parsed('2027-02-29', '2027-04-31')).toEqual({
      kind: 'broken',
      problems: [
        'ack.yaml:2: acknowledged.0.since is no day of the calendar',
        'ack.yaml:4: acknowledged.0.until is no date (YYYY-MM-DD)',
      ],
    });
  });

  const levels = [...STABLE, ...noisy('up', steps([4, 45]))];
  const entry: Acknowledgement = {
    metric: '*',
    since: 'night-30',
    reason: 'slower disks',
    until: '2027-01-01',
  };
  const both = ['guestReady', 'waveMakespan'].map((metric) => ({ ...entry, metric }));

  test('stays visible and fails nothing', () => {
    const verdict = judgeLevels(levels, { acknowledgements: both });
    expect(verdict).toMatchObject({ verdict: 'pass', exitCode: 0 });
    expect(figure(verdict)).toMatchObject({
      state: 'acknowledged',
      change: { acknowledged: { reason: 'slower disks', hasExpired: false } },
    });
  });

  test('may be told by its date, and a night beside it', () => {
    const since = parseStartVersion(31).slice(0, 10);
    const dated = both.map((each) => ({ ...each, since }));
    expect(judgeLevels(levels, { acknowledgements: dated }).verdict).toBe('pass');
  });

  test('fails again when its time is over', () => {
    const until = parseStartVersion(32).slice(0, 10);
    const expired = both.map((each) => ({ ...each, until }));
    const verdict = judgeLevels(levels, { acknowledgements: expired });
    expect(verdict).toMatchObject({ verdict: 'regression', exitCode: 2 });
    expect(figure(verdict).change?.acknowledged?.hasExpired).toBe(true);
  });

  test('does not cover another change, nor another figure', () => {
    const other = both.map((each) => ({ ...each, since: 'night-12' }));
    const wrong = judgeLevels(levels, { acknowledgements: other });
    expect(wrong).toMatchObject({ verdict: 'invalid', exitCode: 3, history: { added: false } });
    expect(wrong.headline).toContain(
      'since night-12: no change began there; open is RHEL 9 guest ready',
    );
    const narrow = both.map((each) => ({ ...each, image: 'windows11' }));
    const none = judgeLevels(levels, { acknowledgements: narrow });
    expect(none.headline).toContain('covers no figure of this run');
    const elsewhere = both.map((each) => ({ ...each, scenario: 'another' }));
    expect(judgeLevels(levels, { acknowledgements: elsewhere }).verdict).toBe('regression');
  });

  test('of one cause covers all figures that moved then', () => {
    const { metric: _, ...cause } = entry;
    const verdict = judgeLevels(levels, { acknowledgements: [cause] });
    expect(verdict.verdict).toBe('pass');
    const moved = verdict.series.filter(({ statistic }) => statistic !== 'successShare');
    expect(moved.every(({ state }) => state === 'acknowledged')).toBe(true);
  });

  test('that is over is said to be of no more use', () => {
    const over = [...levels, ...noisy('over', steps([6, 30]))];
    const verdict = judgeLevels(over, { acknowledgements: both });
    expect(verdict.verdict).toBe('pass');
    expect(verdict.notes.join()).toContain('take the entry out');
  });
});

describe('limits of the scenario', () => {
  const limit = { metric: 'guestReady', statistic: 'p50', limitSeconds: 35 } as const;
  const bounds = (lo: number, hi: number) => {
    const value = (lo + hi) / 2;
    const verdict = judgeLevels([30], { boot: { value, lo, hi }, slo: [limit] });
    return [verdict.serviceLevels[0]?.state, verdict.exitCode];
  };

  test('are judged on the bounds of the interval', () => {
    expect(bounds(30, 34)).toEqual(['kept', 0]);
    expect(bounds(34, 36)).toEqual(['straddling', 0]);
    expect(bounds(36, 40)).toEqual(['missed', 4]);
  });

  test('without an interval are judged on the value, which is said', () => {
    const missed = judgeLevels([40], { slo: [limit] });
    expect(missed).toMatchObject({ verdict: 'sloMissed', exitCode: 4 });
    expect(missed.serviceLevels[0]).toMatchObject({ state: 'missed', judgedOn: 'value' });
    expect(judgeLevels([30], { slo: [limit] }).serviceLevels[0]?.state).toBe('kept');
  });

  test('are missed by what is not reached', () => {
    const state = (boot: NonNullable<NightDraft['boot']>) =>
      judgeLevels([30], { boot, slo: [limit] }).serviceLevels[0]?.state;
    expect(state({ never: true })).toBe('missed');
    expect(state({ over: 600 })).toBe('missed');
    expect(state({ over: 20 })).toBe('straddling');
  });

  test('on the mean are not kept by leaving out what was missed', () => {
    const mean = { ...limit, statistic: 'mean' } as const;
    const metrics = [metricRecord('guestReady', BOOT, { value: 30 }, 5)];
    expect(judgeLevels([30], { metrics, slo: [mean] }).serviceLevels[0]?.state).toBe('straddling');
  });

  test('on a figure that the run does not have are no pass', () => {
    const verdict = judgeLevels([...STABLE, 30], { slo: [{ ...limit, metric: 'clone' }] });
    expect(verdict).toMatchObject({ verdict: 'invalid', exitCode: 3 });
    expect(verdict.serviceLevels[0]?.state).toBe('absent');
  });

  test('come before a regression', () => {
    const levels = [...STABLE, ...noisy('up', steps([4, 45]))];
    const verdict = judgeLevels(levels, { slo: [limit] });
    expect(verdict).toMatchObject({ verdict: 'sloMissed', exitCode: 4 });
    expect(figure(verdict).state).toBe('regressed');
    expect(verdict.headline).toContain('RHEL 9 guest ready p95 went from');
  });
});

test('what people quote leads, also where another figure moved further', () => {
  const withWaves = (index: number, boot: number, wave: number): NightDraft => ({
    index,
    metrics: [
      metricRecord('guestReady', BOOT, { value: boot }),
      metricRecord('waveGuestReady', BOOT, { value: wave }),
    ],
  });
  const drafts = [...STABLE, ...noisy('up', steps([4, 45]))].map((boot, index) =>
    withWaves(index, boot, index < STABLE.length ? boot * 1.2 : boot * 1.6),
  );
  const history = historyOf(drafts.slice(0, -1).map((draft) => night(draft)));
  const verdict = judge(drafts.at(-1) as NightDraft, history);
  const worse = verdict.series.filter(({ state, gated }) => gated && state === 'regressed');
  const [quoted, wave] = worse;
  expect(worse.map(({ metric }) => metric)).toEqual(['guestReady', 'waveGuestReady']);
  expect(wave?.change?.ratio).toBeGreaterThan(quoted?.change?.ratio ?? Number.NaN);
  expect(verdict.headline).toMatch(/^RHEL 9 guest ready p95 went from .* and 1 more figure/);
});

describe('bad input', () => {
  const history = historyOf(STABLE.map((boot, index) => night({ index, boot })));
  const checks = ({ quality }: NightlyVerdict) => quality.map(({ check }) => check);

  test('a run that is not complete has no verdict, and is not added', () => {
    const verdict = judge({ index: 30, outcome: 'partial' }, history);
    expect(verdict).toMatchObject({
      verdict: 'incomplete',
      exitCode: 5,
      history: { added: false },
    });
    expect(verdict.series).toEqual([]);
  });

  test('a run that says it is invalid has none either', () => {
    const validity = { valid: false, reasons: ['12.0 % of values are known to an interval only'] };
    const verdict = judge({ index: 30, validity }, history);
    expect(verdict).toMatchObject({ verdict: 'invalid', exitCode: 3, history: { added: false } });
    expect(verdict.headline).toContain('12.0 %');
  });

  test('values that are lost, or zero', () => {
    const good = metricRecord('guestReady', BOOT, { value: 30 });
    const lost = judge({ index: 30, metrics: [{ ...good, reached: 90 }] }, history);
    expect(checks(lost)).toContain('accounting');
    const zero = metricRecord('guestReady', BOOT, { value: 0 });
    expect(checks(judge({ index: 30, metrics: [zero] }, history))).toContain('positive');
    expect(checks(judge({ index: 30, metrics: [] }, history))).toContain('empty');
  });

  test('a figure that vanished is no pass', () => {
    const metrics = [metricRecord('guestReady', BOOT, { value: 30 })];
    const verdict = judge({ index: 30, metrics }, history);
    expect(verdict).toMatchObject({ verdict: 'invalid', exitCode: 3 });
    expect(verdict.headline).toContain('RHEL 9 whole wave p50, step boot rhel9: vanished');
  });

  test('a run that is in the history already counts once', () => {
    const again = judge({ index: 12, boot: STABLE[12] as number }, history);
    expect(again).toMatchObject({ exitCode: 0, history: { nights: 12, added: false } });
    expect(again.notes[0]).toContain('already');
    expect(checks(again)).toEqual([]);
    const dry = judge({ index: 25 }, history, { options: { dryRun: true } });
    expect(dry).toMatchObject({ verdict: 'pass', history: { nights: 25, added: false } });
  });

  test('another run under a name of the history', () => {
    const verdict = judge({ index: 30, run: 'night-3' }, history);
    expect(verdict.verdict).toBe('invalid');
    expect(verdict.headline).toContain('their own ids');
  });

  test('a clock that went backwards', () => {
    const verdict = judge({ index: 30, started: parseStartVersion(-400) }, history);
    expect(verdict).toMatchObject({ verdict: 'invalid', exitCode: 3 });
    expect(checks(verdict)).toEqual(['clock']);
  });

  test('another environment begins a new series, and says what differs', () => {
    const verdict = judge({ index: 30, environment: 'ssd', boot: 90 }, history);
    expect(verdict).toMatchObject({ verdict: 'learning', history: { nights: 0 } });
    expect(verdict.history.newSeries).toMatchObject({
      because: 'environment',
      differences: [{ fact: 'environment', before: 'lab', after: 'ssd' }],
    });
    expect(verdict.notes.join()).toContain('environment lab -> ssd');
  });

  test('another scenario of the same name begins a new series', () => {
    const verdict = judge({ index: 30, hash: 'other' }, history);
    expect(verdict.history).toMatchObject({ nights: 0, newSeries: { because: 'scenario' } });
  });

  test('a new series after an established one is no silent success, unless it is meant', () => {
    const draft = { index: 30, hash: 'other', facts: { 'scenario.load': 'b' } };
    const verdict = judge(draft, history);
    expect(verdict).toMatchObject({ verdict: 'learning', exitCode: 3, history: { added: true } });
    expect(verdict.headline).toContain('after one of 30 nights');
    expect(verdict.notes.join()).toContain('scenario.load absent -> b');
    const meant = judge(draft, history, { options: { newSeries: true } });
    expect(meant).toMatchObject({ verdict: 'learning', exitCode: 0 });
    const young = historyOf(STABLE.slice(0, 3).map((_, index) => night({ index })));
    expect(judge({ index: 30, hash: 'other' }, young).exitCode).toBe(0);
  });

  test('a mixed history is told apart', () => {
    const others = STABLE.map((_, index) =>
      night({ index, boot: 90, environment: 'ssd', run: `ssd-${index}` }),
    );
    const mixed = historyOf([...history.nights.map((each) => each.night), ...others]);
    const verdict = judge({ index: 30, boot: 30 }, mixed);
    expect(verdict).toMatchObject({ verdict: 'pass', history: { nights: 30 } });
    expect(verdict.notes.join()).toContain('1 other series');
  });

  test('a file that cannot be read is a doubt, and fails a strict job', () => {
    const problems = [{ file: 'x.json', message: 'is no JSON' }];
    const verdict = judge({ index: 30 }, { ...history, problems });
    expect(verdict).toMatchObject({ verdict: 'pass' });
    expect(verdict.quality).toEqual([
      { check: 'history', severity: 'doubt', message: 'x.json is no JSON; left out' },
    ]);
    const strict = judge({ index: 30 }, { ...history, problems }, { options: { strict: true } });
    expect(strict).toMatchObject({ verdict: 'invalid', exitCode: 3 });
  });
});
