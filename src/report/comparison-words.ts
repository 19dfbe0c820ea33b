/**
 * What a comparison says first: which figures moved, from what to what, and which of their
 * statistics. An unmoved median under a moved tail is no peace.
 */

import type { ComparisonRow } from '../compare/compare-runs.ts';
import type { StatisticVerdict } from '../compare/judge-statistics.ts';
import { estimateNumber, estimateText } from './wording/numbers.ts';
import { metricText, variantText } from '../catalogue/names.ts';

/** Of a comparison of two runs, or of two groups of them. */
type Row = Pick<
  ComparisonRow,
  'metric' | 'dimensions' | 'measure' | 'waveSize' | 'statistics' | 'verdict'
>;

/** `RHEL 9 PVC clone`, `RHEL 9 PVC clone success`, `... slowest clone of a wave, waves of 50`. */
export function rowName({ metric, dimensions, measure, waveSize }: Row): string {
  const what = metricText(metric);
  const name = measure === 'success' ? `${what} success` : what;
  const size = waveSize === undefined ? '' : `, waves of ${waveSize}`;
  return `${`${variantText(dimensions)} ${name}`.trimStart()}${size}`;
}

/** As a word in a sentence. */
export function statisticName({ statistic }: Pick<StatisticVerdict, 'statistic'>): string {
  return statistic === 'p50' ? 'median' : statistic;
}

/** `+62.0 %`. */
export function signedPercentText(change: number): string {
  const percent = (100 * change).toFixed(1);
  return `${change > 0 ? '+' : ''}${percent} %`;
}

/** The table in a sentence or two: the moved figure that people know best, and how many more. */
export function comparisonHeadline({ rows }: { readonly rows: readonly Row[] }): string {
  const moved = (['worse', 'better'] as const).flatMap((word) => movedText(word, rows));
  if (moved.length > 0) return moved.join(' ');
  if (rows.length === 0) return 'Nothing to compare.';
  const open = rows.filter(({ verdict }) => verdict === 'inconclusive').length;
  const rest = rows.length - open;
  if (open === 0) return `Nothing moved: all ${rest} rows are unchanged.`;
  if (rest === 0) return `Nothing can be told: all ${open} rows are inconclusive.`;
  return `Nothing moved that these runs can show: ${rest} rows unchanged, ${open} inconclusive.`;
}

function movedText(word: 'worse' | 'better', rows: readonly Row[]): readonly string[] {
  const found = rows.filter(({ statistics }) => statistics.some(({ verdict }) => verdict === word));
  const [most] = found.toSorted(
    (a, b) => acquaintance(a) - acquaintance(b) || size(b, word) - size(a, word),
  );
  if (most === undefined) return [];
  const told = most.statistics.filter(({ verdict }) => verdict === word);
  const still = most.statistics.filter(({ verdict }) => verdict === 'unchanged');
  const texts = [
    ...told.map((statistic) => changeText(statistic, most)),
    ...(still.length === 0 ? [] : [`${still.map(statisticName).join(' and ')} unchanged`]),
  ];
  const others = found.length - 1;
  const more = others === 0 ? '' : `; and ${others} more`;
  const title = word === 'worse' ? 'Worse' : 'Better';
  return [`${title}: ${rowName(most)} (step ${most.dimensions.step}): ${texts.join(', ')}${more}.`];
}

/** `p95 29.0 -> 140.0 s (+383.0 %)`. */
function changeText(statistic: StatisticVerdict, { measure }: Row): string {
  const { values, change } = statistic;
  if (measure === 'success') {
    const [was, is] = [values.baseline, values.head].map((share) =>
      share !== undefined && 'value' in share ? `${(100 * share.value).toFixed(1)} %` : '-',
    );
    return `${was} -> ${is}`;
  }
  const moved = `${estimateNumber(values.baseline)} -> ${estimateText(values.head)}`;
  const percent = change === undefined ? '' : ` (${signedPercentText(change)})`;
  return `${statisticName(statistic)} ${moved}${percent}`;
}

/** Figures that people know come first. */
const KNOWN: readonly string[] = ['reachable', 'guestReady', 'clone', 'vmiRunning'];

function acquaintance({ metric }: Row): number {
  const place = KNOWN.indexOf(metric);
  return place < 0 ? KNOWN.length : place;
}

/** How far the statistics of this verdict moved at most; never reached is farthest. */
function size({ statistics }: Row, word: StatisticVerdict['verdict']): number {
  const moved = statistics.filter(({ verdict }) => verdict === word);
  return Math.max(
    ...moved.map(({ change }) =>
      change === undefined ? Number.MAX_VALUE : Math.abs(Math.log1p(change)),
    ),
  );
}
