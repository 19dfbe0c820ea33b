/** What limits the figures: measurement quality first, then the warnings of single figures. */

import type { MetricRecord } from '../analyse/metric-record.ts';
import { REACHED_ONLY } from '../analyse/statistics/summary-warnings.ts';
import type { Summary } from '../analyse/summary.ts';
import { countText, secondsText } from './number-text.ts';
import { shownMetrics, variantText } from './result-table.ts';
import { heading, type TextStyle, wrapped } from './text-table.ts';

const MAX_NAMED = 3;

/** The results table marks these with `>=`. */
const MARKED = /^need >= \d+ values for a two-sided/;

export function warningLines(summary: Summary, style: TextStyle): readonly string[] {
  const texts = [...qualityTexts(summary), ...figureTexts(shownMetrics(summary))];
  if (texts.length === 0) return [];
  const lines = texts.flatMap((text) => wrapped(`- ${text}`, style.width));
  return [heading('To be aware of', style), ...lines];
}

/** A warning in words. */
export function warningText(warning: string): string {
  return warning === REACHED_ONLY ? 'mean, min and max are of the reached only' : warning;
}

function qualityTexts({ validity, crossChecks, observed }: Summary): readonly string[] {
  const { watchGaps, retries, maxSendLag = 0, clocks, intervalShare } = validity;
  const suspects = clocks.filter(({ suspect }) => suspect !== undefined).length;
  const odd = crossChecks.filter(({ agrees }) => !agrees).length;
  return [
    ...validity.reasons.map((reason) => `INVALID: ${reason}`),
    ...validity.problems.map((problem) => `history: ${problem}`),
    ...(observed ? thereBeforeTexts(observed.thereBefore) : []),
    ...(watchGaps.count > 0
      ? [`${watchGaps.count} watch gaps, ${secondsText(watchGaps.seconds)} s in all`]
      : []),
    ...(intervalShare > 0 ? [`${shareText(intervalShare)} of values are intervals`] : []),
    ...(suspects > 0 ? [`${suspects} clocks of the cluster are suspect`] : []),
    ...(odd > 0 ? [`${odd} medians disagree with the server's stamps`] : []),
    ...(retries > 0 ? [`${retries} requests had to be repeated`] : []),
    ...(maxSendLag > 1 ? [`requests were sent up to ${secondsText(maxSendLag)} s late`] : []),
  ];
}

function thereBeforeTexts(thereBefore: Readonly<Record<string, number>>): readonly string[] {
  const counts = Object.entries(thereBefore).map(([kind, n]) => `${countText(n)} of kind ${kind}`);
  if (counts.length === 0) return [];
  return [`${counts.join(', ')} were there before we looked, and are not counted`];
}

function shareText(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Each kind of warning once, with the figures that it is about. */
function figureTexts(metrics: readonly MetricRecord[]): readonly string[] {
  const nameOf = namer(metrics);
  const about = new Map<string, string[]>();
  for (const record of metrics) {
    for (const warning of record.warnings) {
      if (MARKED.test(warning)) continue;
      const { text, detail } = splitWarning(warning);
      const names = about.get(text) ?? [];
      names.push(`${nameOf(record)}${detail}`);
      about.set(text, names);
    }
  }
  return [...about].map(([text, names]) => `${text}: ${shortList(names)}`);
}

/** Warnings that differ in their numbers alone are of one kind; the numbers go with the names. */
function splitWarning(warning: string): { readonly text: string; readonly detail: string } {
  const trend = /^waves trend by (\S+) % a wave; (.*)$/.exec(warning);
  if (trend) return { text: `waves trend; ${trend[2]}`, detail: ` ${trend[1]} % a wave` };
  const few = /^(p\d+) rests on about (\d+) independent values/.exec(warning);
  if (few) {
    const text = 'percentiles that rest on too few independent values; more waves would help';
    return { text, detail: ` ${few[1]} on ${few[2]}` };
  }
  const within = /^(p\S+) may lie anywhere in (.*)$/.exec(warning);
  if (within) {
    const text = 'percentiles that are known to an interval only';
    return { text, detail: ` ${within[1]} in ${within[2]}` };
  }
  if (/^need >= \d+ waves/.test(warning)) {
    return { text: `${/^need >= \d+ waves/.exec(warning)?.[0]} for intervals`, detail: '' };
  }
  return { text: warningText(warning), detail: '' };
}

/** The step is named where metric and variant do not tell. */
function namer(metrics: readonly MetricRecord[]): (record: MetricRecord) => string {
  const plain = ({ metric, dimensions }: MetricRecord) =>
    `${metric} ${variantText(dimensions)}`.trim();
  const counts = new Map<string, number>();
  for (const record of metrics) counts.set(plain(record), (counts.get(plain(record)) ?? 0) + 1);
  return (record) => {
    const name = plain(record);
    return (counts.get(name) ?? 0) > 1 ? `${name} in ${record.dimensions.step}` : name;
  };
}

function shortList(names: readonly string[]): string {
  const unique = [...new Set(names)];
  const more = unique.length - MAX_NAMED;
  const shown = unique.slice(0, MAX_NAMED).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}
