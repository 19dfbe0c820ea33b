import { describe, expect, test } from 'vitest';
import { confirmNight } from '../../../src/compare/nightly/confirm-night.ts';
import { judgeNight } from '../../../src/compare/nightly/judge-night.ts';
import { verdictJunit } from '../../../src/report/nightly/junit.ts';
import { renderVerdict } from '../../../src/report/nightly/terminal-verdict.ts';
import {
  historyOf,
  night,
  type NightDraft,
  nightFiles,
  noisy,
  steps,
} from '../../support/nights.ts';

const HISTORY = historyOf(
  noisy('stable', steps([30, 30])).map((boot, index) => night({ index, boot })),
);

function judge(draft: Partial<NightDraft>) {
  const whole = { index: 30, ...draft };
  return judgeNight({
    ...nightFiles(whole),
    tonight: night(whole),
    history: HISTORY,
    acknowledgements: [],
    options: { dryRun: true, strict: false },
  });
}

const SUSPECT = judge({ boot: 45 });
const SLOW = judge({ boot: 46, run: 'night-30-confirm-1' });
const CALM = judge({ boot: 30, run: 'night-30-confirm-2' });
const LOST = judge({ boot: 45, run: 'night-30-confirm-2', outcome: 'partial' });

const text = (verdict: typeof SUSPECT) => renderVerdict(verdict, { width: 100, color: false });

describe('runs of the same night decide a suspicion', () => {
  test('most of them slow as well: a regression', () => {
    expect(SUSPECT).toMatchObject({ verdict: 'suspect', exitCode: 0 });
    const verdict = confirmNight(SUSPECT, [SLOW, CALM], false);
    expect(verdict).toMatchObject({ verdict: 'regression', exitCode: 2 });
    expect(verdict.headline).toMatch(/guest ready p95 .* in 2 of 3 runs tonight \(\+/);
    expect(text(verdict)).toMatch(/worse tonight: RHEL 9 guest ready p95/);
    expect(text(verdict)).toContain('made again the same night: night-30-confirm-1');
    expect(verdictJunit(verdict)).toContain('<failure type="regression"');
  });

  test('none of them: a pass that says so', () => {
    const verdict = confirmNight(SUSPECT, [CALM, CALM], true);
    expect(verdict).toMatchObject({ verdict: 'pass', exitCode: 0 });
    expect(verdict.headline).toContain('was out of the ordinary in 1 of 3 runs tonight only');
    expect(text(verdict)).toMatch(/not repeated: RHEL 9 guest ready p95/);
  });

  test('what could not be judged decides nothing', () => {
    const verdict = confirmNight(SUSPECT, [LOST, LOST], false);
    expect(verdict).toMatchObject({ verdict: 'suspect', exitCode: 0 });
    expect(verdict.notes.join()).toContain('2 of these could not be judged');
    const even = confirmNight(SUSPECT, [CALM, LOST], false);
    expect(even.verdict).toBe('suspect');
  });

  test('interrupted before the first of them it stays as it was', () => {
    expect(confirmNight(SUSPECT, [], false)).toEqual(SUSPECT);
  });
});
