/**
 * From findings to the one word, the exit code and the headline. The order of exit codes (invalid,
 * incomplete, limit missed, regression) is the command line's contract, and the word follows it.
 */

import { figureName } from '../../catalogue/names.ts';
import { EXIT } from '../../core/exit-code.ts';
import type { QualityFinding } from './data-quality.ts';
import type { LevelVerdict } from './service-levels.ts';
import type { SeriesState, SeriesVerdict, VerdictWord } from './verdict.ts';

export interface Findings {
  readonly quality: readonly QualityFinding[];
  readonly levels: readonly LevelVerdict[];
  readonly figures: readonly SeriesVerdict[];
}

const CODES: Readonly<Record<VerdictWord, number>> = {
  invalid: EXIT.invalid,
  incomplete: EXIT.incomplete,
  sloMissed: EXIT.sloMissed,
  regression: EXIT.regression,
  suspect: EXIT.ok,
  learning: EXIT.ok,
  pass: EXIT.ok,
};

/** Where suspicion counts it is taken for a regression; what cannot be told yet is insufficient. */
const STRICT_CODES: Readonly<Record<VerdictWord, number>> = {
  ...CODES,
  suspect: EXIT.regression,
  learning: EXIT.invalid,
};

export function verdictWord({ quality, levels, figures }: Findings, strict: boolean): VerdictWord {
  const gated = figures.filter((figure) => figure.gated);
  const isAny = (state: SeriesState) => gated.some((figure) => figure.state === state);
  const has = (severity: QualityFinding['severity']) =>
    quality.some((finding) => finding.severity === severity);
  if (has('invalid')) return 'invalid';
  if (has('incomplete')) return 'incomplete';
  if (levels.some(({ state }) => state === 'absent')) return 'invalid';
  if (strict && has('doubt')) return 'invalid';
  if (levels.some(({ state }) => state === 'missed')) return 'sloMissed';
  if (isAny('regressed') || isAny('confirmed')) return 'regression';
  if (isAny('suspect')) return 'suspect';
  return gated.every(({ state }) => state === 'learning') ? 'learning' : 'pass';
}

export function chooseExitCode(findings: Findings, strict: boolean): number {
  const word = verdictWord(findings, strict);
  return (strict ? STRICT_CODES : CODES)[word];
}

/** The verdict in a sentence; `nights` are those before tonight. */
export function headline(word: VerdictWord, findings: Findings, nights: number): string {
  const { quality, levels } = findings;
  const figures = findings.figures.filter(({ gated }) => gated);
  const of = (state: SeriesState) => figures.filter((figure) => figure.state === state);
  const missed = levels.filter(({ state }) => state === 'missed').length;
  const absent = levels.filter(({ state }) => state === 'absent').length;
  switch (word) {
    case 'invalid':
      return `no verdict: ${[
        ...quality
          .filter(({ severity }) => severity !== 'incomplete')
          .map(({ message }) => message),
        ...(absent > 0 ? [`${absent} limits are on figures that the run does not have`] : []),
      ].join('; ')}`;
    case 'incomplete':
      return `no verdict: ${quality.map(({ message }) => message).join('; ')}`;
    case 'sloMissed':
      return joined([`${missed} of ${levels.length} limits missed`, regressions(of('regressed'))]);
    case 'regression':
      return joined([
        regressions(of('regressed')),
        suspicions(of('confirmed')),
        suspicions(of('suspect')),
      ]);
    case 'suspect':
      return `${suspicions(of('suspect'))}; one night proves nothing`;
    case 'learning':
      return `${nights} ${nights === 1 ? 'night' : 'nights'} before this one: too few to tell`;
    case 'pass':
      return passed(findings.figures, nights);
  }
}

function passed(all: readonly SeriesVerdict[], nights: number): string {
  const figures = all.filter(({ gated }) => gated);
  const count = (state: SeriesState) => figures.filter((figure) => figure.state === state).length;
  const [back] = figures.filter(({ state }) => state === 'recovering');
  const held = figures.length - count('learning') - count('recovering') - count('acknowledged');
  const context = all.filter(({ gated, state }) => !gated && state === 'regressed');
  const [moved] = context;
  const [single] = figures.filter(({ state }) => state === 'notRepeated');
  return joined([
    back === undefined
      ? ''
      : `${figureName(back)} is back on its level tonight, after ${ageOf(back)}`,
    `${held} ${held === 1 ? 'figure' : 'figures'} on their level over ${nights} nights`,
    single === undefined
      ? ''
      : `${figureName(single)} was out of the ordinary ${tonightOf(single)} only`,
    count('improved') > 0 ? `${count('improved')} improved` : '',
    count('acknowledged') > 0 ? `${count('acknowledged')} acknowledged` : '',
    count('learning') > 0 ? `${count('learning')} with too few nights` : '',
    moved === undefined ? '' : `not gated, but worse: ${figureName(moved)}`,
  ]);
}

/** `RHEL 9 guest ready p95 went from 35.9 to 53.1 s (+48 %), open for 4 nights, and 2 more`. */
function regressions(figures: readonly SeriesVerdict[]): string {
  const [first] = figures;
  if (first === undefined) return '';
  const { change, statistic } = first;
  const isShare = statistic === 'successShare';
  const value = (level: number) => (isShare ? percent(level) : seconds(level));
  const moved =
    change?.after === undefined
      ? 'is not reached any more'
      : `went from ${value(change.before.value)} to ${value(change.after.value)}` +
        `${isShare ? '' : ' s'} (${signed(change.ratio)})`;
  return `${figureName(first)} ${moved}, open for ${ageOf(first)}${more(figures.length - 1)}`;
}

function suspicions(figures: readonly SeriesVerdict[]): string {
  const [first] = figures;
  if (first === undefined) return '';
  const { expected, tonight } = first;
  const ratio =
    expected === undefined || !('value' in tonight) ? undefined : tonight.value / expected.value;
  const by = ratio === undefined ? '' : ` (${signed(ratio)})`;
  const rest = more(figures.length - 1);
  return `${figureName(first)} is out of the ordinary ${tonightOf(first)}${by}${rest}`;
}

/** `tonight`, `in 3 of 3 runs tonight`. */
function tonightOf({ repeats }: SeriesVerdict): string {
  return repeats === undefined ? 'tonight' : `in ${repeats.beyond} of ${repeats.of} runs tonight`;
}

function ageOf({ change }: SeriesVerdict): string {
  const nights = change?.nights ?? 1;
  return nights === 1 ? '1 night' : `${nights} nights`;
}

function more(count: number): string {
  if (count === 0) return '';
  return `, and ${count} more ${count === 1 ? 'figure' : 'figures'}`;
}

function signed(ratio: number | undefined): string {
  if (ratio === undefined) return 'no ratio';
  const change = 100 * (ratio - 1);
  return `${change < 0 ? '-' : '+'}${Math.abs(change).toFixed(Math.abs(change) < 10 ? 1 : 0)} %`;
}

function seconds(value: number): string {
  return value >= 10 ? value.toFixed(1) : value.toPrecision(3);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('; ');
}
