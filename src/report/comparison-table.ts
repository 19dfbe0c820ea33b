/**
 * The verdict table of two runs. `~` is not "no change" but "no change that this many waves can
 * show"; only `unchanged` says that there is none that matters.
 */

import { judgedRatio, type ComparisonRow, type RunComparison } from '../compare/compare-runs.ts';
import type { StatisticVerdict } from '../compare/judge-statistics.ts';
import {
  comparisonHeadline,
  signedPercentText,
  rowName,
  statisticName,
} from './comparison-words.ts';
import type { Difference } from '../compare/fingerprint.ts';
import { FALSE_DISCOVERY_RATE } from '../analyse/statistics/verdict.ts';
import { estimateNumber, ratioText } from './wording/numbers.ts';
import { metricText, variantText } from '../catalogue/names.ts';
import { warningText } from './content/notes.ts';
import type { TerminalOptions } from './terminal.ts';
import {
  dimmed,
  heading,
  numbers,
  spareNumbers,
  type TextColumn,
  type TextRow,
  type TextStyle,
  textTable,
  words,
  wrapped,
} from './terminal/text-table.ts';
import { simulatedLine } from './wording/twin-words.ts';

const COLUMNS: readonly TextColumn[] = [
  words('median, seconds'),
  ...numbers('base', 'head', 'change', 'base / head'),
  ...spareNumbers('p'),
  ...numbers('q'),
  { title: 'verdict', align: 'left' },
];

const LEGEND =
  'base / head > 1: head is faster; in brackets the 95 % interval. p: waves under swapped ' +
  'labels; q: corrected for all that is judged. ~: no significant change. unchanged: the ' +
  'intervals of median, mean and the tails that the data carry lie within 5 % of 1.';

/** The whole text, ending with a newline. */
export function renderComparison(comparison: RunComparison, options: TerminalOptions = {}): string {
  const style = { width: options.width ?? 100, color: options.color ?? false };
  const { base, head } = comparison;
  const sections = [
    [
      heading(`${base.scenario}: base ${base.id} against head ${head.id}`, style),
      ...simulated(base),
      ...wrapped(comparisonHeadline(comparison), style.width),
    ],
    invalidLines(comparison),
    differenceLines('Not the same measurement', comparison.differences, style),
    tableLines(comparison, style),
    unmatchedLines(comparison, style),
    runSpreadLines(comparison, style),
    differenceLines('What changed between the runs', comparison.changedFacts, style),
    warningLines(comparison, style),
  ];
  const texts = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${texts.join('\n\n')}\n`;
}

/** Why two runs are not compared, one difference a line. */
export function differenceTexts(differences: readonly Difference[]): readonly string[] {
  return differences.map(
    ({ what, base, head }) => `${what}: ${shortened(base)} in base, ${shortened(head)} in head`,
  );
}

/** What an interval from one run a side does not hold, or where it has it from. */
function runSpreadLines(
  { runSpreadNights, rows }: RunComparison,
  style: TextStyle,
): readonly string[] {
  if (rows.length === 0) return [];
  const text =
    runSpreadNights === undefined
      ? 'One run a side: the intervals hold how the waves of a run differ, not how two runs of ' +
        'the same thing do (1 to 14 % on real clusters). Repeat both (bench run S --repeat 5), ' +
        'or name a history of such runs (--history DIR).'
      : `One run a side: how runs differ is taken from ${runSpreadNights} nights of the history.`;
  return wrapped(text, style.width);
}

function invalidLines({ base, head }: RunComparison): readonly string[] {
  return [base, head].flatMap(({ id, invalid }) =>
    invalid.map((reason) => `INVALID run ${id}: ${reason}`),
  );
}

function simulated({ target, twin }: RunComparison['base']): readonly string[] {
  return target === 'simulated' ? [simulatedLine(twin)] : [];
}

function tableLines({ rows }: RunComparison, style: TextStyle): readonly string[] {
  if (rows.length === 0) return [];
  const steps = [...new Set(rows.map(({ dimensions }) => dimensions.step))];
  const lines = steps.flatMap((step): readonly TextRow[] => [
    { cells: [step], isHeading: true },
    ...rows
      .filter(({ dimensions }) => dimensions.step === step)
      .flatMap((row) => [{ cells: rowCells(row) }, ...tailRows(row)]),
  ]);
  const legend = wrapped(LEGEND, style.width, '').map((line) => dimmed(line, style));
  return [...textTable(COLUMNS, lines, style), tally(rows), ...legend];
}

function rowCells(row: ComparisonRow): readonly string[] {
  const ratio = judgedRatio(row);
  const [first] = row.statistics;
  return [
    `  ${rowName(row)}`,
    ...sides(row),
    first !== undefined && isSignificant(first) ? changeText(row.change) : '~',
    ratio === undefined ? '-' : ratioText(ratio),
    row.permutation.p.toFixed(4),
    qText(row.q),
    verdictText(row),
  ];
}

/** The statistics that are judged otherwise than the median are told below it. */
function tailRows(row: ComparisonRow): readonly TextRow[] {
  const [first, ...rest] = row.statistics;
  return rest
    .filter(({ verdict }) => verdict !== first?.verdict)
    .map((statistic) => ({ cells: statisticCells(statistic) }));
}

function statisticCells(statistic: StatisticVerdict): readonly string[] {
  const { values, change, ratio, p, q, verdict } = statistic;
  return [
    `    ${statisticName(statistic)}`,
    estimateNumber(values.baseline),
    estimateNumber(values.head),
    isSignificant(statistic) ? changeText(change) : '~',
    ratio === undefined ? '-' : ratioText(ratio),
    p.toFixed(4),
    qText(q),
    verdict,
  ];
}

/** `worse`, or `worse: mean, p95` where that is not told by the median. */
function verdictText({ verdict, statistics }: ComparisonRow): string {
  const because = statistics.filter((each) => each.verdict === verdict);
  const isAll = because.length === statistics.length || because.length === 0;
  return isAll ? verdict : `${verdict}: ${because.map(statisticName).join(', ')}`;
}

function qText(q: number | undefined): string {
  return q === undefined ? '-' : q.toFixed(4);
}

/** It may be significant and yet too small to matter. */
function isSignificant({ verdict, ratio, q }: StatisticVerdict): boolean {
  if (verdict === 'better' || verdict === 'worse') return true;
  if (ratio?.lo === undefined || ratio.hi === undefined || q === undefined) return false;
  return q <= FALSE_DISCOVERY_RATE && (ratio.lo > 1 || ratio.hi < 1);
}

/** Medians of latencies; mean shares of success. */
function sides({ measure, medians, means }: ComparisonRow): readonly string[] {
  if (measure === 'latency')
    return [estimateNumber(medians.baseline), estimateNumber(medians.head)];
  return [means.baseline, means.head].map((share) => `${(100 * (share ?? 0)).toFixed(1)} %`);
}

function changeText(change: number | undefined): string {
  return change === undefined ? 'see p' : signedPercentText(change);
}

function tally(rows: readonly ComparisonRow[]): string {
  const words = (['worse', 'better', 'unchanged', 'inconclusive'] as const).map((verdict) => {
    const found = rows.filter((row) => row.verdict === verdict).length;
    return `${found} ${verdict}`;
  });
  return words.join(', ');
}

function unmatchedLines({ unmatched }: RunComparison, style: TextStyle): readonly string[] {
  if (unmatched.length === 0) return [];
  const texts = unmatched.map(({ metric, dimensions, onlyIn, waveSize }) => {
    const size = waveSize === undefined ? '' : `, waves of ${waveSize}`;
    const what = `${variantText(dimensions)} ${metricText(metric)}`;
    return `- ${dimensions.step}: ${what}${size} only in ${onlyIn}`;
  });
  const isOfSizes = unmatched.some(({ waveSize }) => waveSize !== undefined);
  const why = isOfSizes ? ['Waves of different sizes are different loads: not compared.'] : [];
  return [heading('Not in both runs', style), ...texts, ...why];
}

function differenceLines(
  title: string,
  differences: readonly Difference[],
  style: TextStyle,
): readonly string[] {
  if (differences.length === 0) return [];
  const lines = differenceTexts(differences).flatMap((text) => wrapped(`- ${text}`, style.width));
  return [heading(title, style), ...lines];
}

function warningLines({ rows }: RunComparison, style: TextStyle): readonly string[] {
  const warnings = [...new Set(rows.flatMap((row) => row.warnings.map(warningText)))];
  if (warnings.length === 0) return [];
  const lines = warnings.flatMap((text) => wrapped(`- ${text}`, style.width));
  return [heading('To be aware of', style), ...lines];
}

const LONGEST = 24;

/** Hashes are told by their beginning. */
function shortened(text: string | undefined): string {
  if (text === undefined) return 'nothing';
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
