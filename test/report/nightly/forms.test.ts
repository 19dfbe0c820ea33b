import { describe, expect, test } from 'vitest';
import type { History } from '../../../src/compare/history/store.ts';
import { judgeNight } from '../../../src/compare/nightly/judge-night.ts';
import type { NightlyVerdict } from '../../../src/compare/nightly/verdict.ts';
import { githubAnnotations } from '../../../src/report/nightly/github.ts';
import { verdictJunit } from '../../../src/report/nightly/junit.ts';
import { verdictMarkdown } from '../../../src/report/nightly/markdown.ts';
import { sparkline } from '../../../src/report/nightly/sparkline.ts';
import { renderVerdict } from '../../../src/report/nightly/terminal-verdict.ts';
import { element, xmlDocument } from '../../../src/report/nightly/xml.ts';
import { historyOf, metricRecord, night, nightFiles, noisy } from '../../support/nights.ts';
import { type NightDraft, steps } from '../../support/nights.ts';

const SLOW = { 'simulation.attacher.qps': '2.5' };

function judge(draft: NightDraft, history: History): NightlyVerdict {
  return judgeNight({
    ...nightFiles(draft),
    tonight: night(draft),
    history,
    acknowledgements: [],
    options: { dryRun: false, strict: false },
  });
}

function regression(extra: Partial<NightDraft> = {}): NightlyVerdict {
  const stable = noisy('forms', steps([30, 30])).map((boot, index) => night({ index, boot }));
  const slow = [45, 44, 46].map((boot, i) => night({ index: 30 + i, boot, facts: SLOW }));
  return judge({ index: 33, boot: 45, facts: SLOW, ...extra }, historyOf([...stable, ...slow]));
}

/** Many figures that got worse, with names that are hostile to every form. */
function manyRegressions(count: number, step = 'a|b <c> "d" \u0007 100 %: x,y\nz'): NightlyVerdict {
  const metrics = (seconds: number) =>
    Array.from({ length: count }, (_, i) =>
      metricRecord('guestReady', { step: `${step} ${i}`, image: 'rhel9' }, { value: seconds }),
    );
  const nights = steps([25, 30], [3, 45]).map((seconds, index) =>
    night({ index, metrics: metrics(seconds) }),
  );
  return judge({ index: 28, metrics: metrics(45) }, historyOf(nights));
}

describe('the terminal', () => {
  const text = renderVerdict(regression(), { width: 100, color: false });

  test('leads with what got worse, where, and what could be to blame', () => {
    const lines = text.split('\n');
    expect(lines[0]).toBe('REGRESSION  nightly, run night-33 on SIMULATED environment lab');
    expect(lines[1]).toBe(
      'RHEL 9 guest ready p95 went from 36.2 to 54.0 s (+49 %), open for 4 nights.',
    );
    expect(lines[3]).toBe('worse: RHEL 9 guest ready p95, step boot rhel9');
    expect(text).toContain('in stage Scheduling');
    expect(text).toContain('all 2 waves alike');
    expect(text).toContain('simulation.attacher.qps 5 -> 2.5');
  });

  test('says once what is the same of several figures', () => {
    expect(text.match(/qps 5 -> 2\.5/g)).toHaveLength(1);
  });

  test('is one screen, whatever happened', () => {
    const lines = renderVerdict(manyRegressions(40), { width: 100, color: false }).split('\n');
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(lines.join('\n')).toContain('and 76 more');
  });
});

describe('Markdown', () => {
  test('is a table with sparklines, then the details', () => {
    const text = verdictMarkdown(regression());
    expect(text).toMatch(/^## REGRESSION: nightly, run night-33 on SIMULATED environment lab\n/);
    expect(text).toMatch(/\| worse \| RHEL 9 guest ready p95 \| boot rhel9 \|.*█████* \|/u);
    expect(text).toContain('simulation.attacher.qps 5 -> 2.5');
  });

  test('is not broken by names', () => {
    const text = verdictMarkdown(manyRegressions(1));
    const row = text.split('\n').find((line) => line.startsWith('| worse'));
    expect(row).toContain('a\\|b &lt;c>');
    expect(row?.replaceAll('\\|', '').match(/\|/g)).toHaveLength(9);
  });

  test('is cut at a row where it would be too large', () => {
    const text = verdictMarkdown(manyRegressions(100), 4096);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096);
    expect(text.trimEnd()).toMatch(/\n\.\.\. cut here: verdict\.json has all of it$/);
  });
});

describe('GitHub annotations', () => {
  test('are at most five of a kind; the last one counts the others', () => {
    const lines = githubAnnotations(manyRegressions(40));
    expect(lines).toHaveLength(5);
    expect(lines.every((line) => line.startsWith('::error title=bench (simulated)%3A'))).toBe(true);
    expect(lines.at(-1)).toContain('::36 more in the job summary');
  });

  test('escape what would end them', () => {
    const [line] = githubAnnotations(manyRegressions(1));
    expect(line).toContain('100 %25%3A x%2Cy%0Az');
    expect(line?.split('::')).toHaveLength(3);
  });

  test('are none where all is well', () => {
    const calm = steps([25, 30]).map((boot, index) => night({ index, boot }));
    expect(githubAnnotations(judge({ index: 25 }, historyOf(calm)))).toEqual([]);
  });
});

describe('JUnit', () => {
  const count = (text: string, tag: string) => text.match(new RegExp(`<${tag}[ >]`, 'g'))?.length;

  test('has a case for each figure, and failures that say why', () => {
    const text = verdictJunit(regression());
    expect(text).toContain('tests="4" failures="1" errors="0" skipped="0"');
    expect(count(text, 'failure')).toBe(1);
    expect(text).toContain('simulation.attacher.qps 5 -&gt; 2.5');
    expect(text).toContain('<property name="target" value="simulated"/>');
  });

  test('has an error where there is no verdict, never an empty suite', () => {
    const invalid = verdictJunit(regression({ outcome: 'partial' }));
    expect(invalid).toContain('errors="1"');
    expect(count(invalid, 'error')).toBe(1);
  });

  test('skips what is still learned', () => {
    const text = verdictJunit(judge({ index: 0 }, historyOf([])));
    expect(text).toContain('skipped="4"');
  });

  test('holds no character that XML does not allow', () => {
    const text = verdictJunit(manyRegressions(1));
    expect(text).toContain('a|b &lt;c&gt; &quot;d&quot; \ufffd 100 %');
    const odd = xmlDocument(element('a', { b: '\ud800 \u{1f600} \uffff' }, ['\u0000']));
    expect(odd).toContain('<a b="\ufffd \u{1f600} \ufffd">\ufffd</a>');
  });
});

describe('a sparkline', () => {
  test('runs from the least to the greatest value', () => {
    expect(sparkline([1, 2, 3, 4, 5, 6, 7, 8])).toBe('▁▂▃▄▅▆▇█');
  });

  test('shows nights without a value as gaps', () => {
    expect(sparkline([1, null, 8])).toBe('▁·█');
    expect(sparkline([null, null])).toBe('··');
    expect(sparkline([])).toBe('');
  });

  test('does not blow up noise', () => {
    expect(sparkline([100, 101, 100.5])).toBe('▃▃▃');
    expect(sparkline([0, 0])).toBe('▃▃');
  });

  test('keeps the newest', () => {
    expect(sparkline([8, 8, 1, 2, 8], 3)).toBe('▁▂█');
  });
});
