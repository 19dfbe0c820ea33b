/** What limits the figures: measurement quality first, then the warnings of single figures. */

import type { MetricRecord } from '../../analyse/metric-record.ts';
import { REACHED_ONLY } from '../../analyse/statistics/summary-warnings.ts';
import type { Summary } from '../../analyse/summary.ts';
import { recordNamer } from '../wording/labels.ts';
import { countedText, countText, percentText, secondsText } from '../wording/numbers.ts';
import { shownMetrics } from './result-tables.ts';

const MAX_NAMED = 3;

/** The results table shows it: there is no upper bound. */
const MARKED = /^need >= \d+ values for a two-sided/;

/** What limits the measurement as a whole; why it is invalid is said before anything else. */
export function qualityNotes(summary: Summary): readonly string[] {
  const { validity, crossChecks, observed, leftovers = [], steps } = summary;
  const { watchGaps, retries, maxSendLag = 0, clocks, intervalShare } = validity;
  const suspects = clocks.filter(({ suspect }) => suspect !== undefined).length;
  const odd = crossChecks.filter(({ agrees }) => !agrees).length;
  return [
    ...leftovers,
    ...validity.problems.map((problem) => `history: ${problem}`),
    ...(observed ? thereBeforeTexts(observed.thereBefore) : []),
    ...(watchGaps.count > 0
      ? [`${countedText(watchGaps.count, 'watch gap')}, ${secondsText(watchGaps.seconds)} in all`]
      : []),
    ...(steps ?? []).flatMap(probeNote),
    ...(intervalShare > 0
      ? [`${percentText(intervalShare)} of values are known to an interval only`]
      : []),
    ...(suspects > 0 ? [`${countedText(suspects, 'clock')} of the cluster may be wrong`] : []),
    ...(odd > 0 ? [`${countedText(odd, 'median')} not in line with the server's stamps`] : []),
    ...(retries > 0 ? [`${countedText(retries, 'request')} sent again`] : []),
    ...(maxSendLag > 1 ? [`requests were sent up to ${secondsText(maxSendLag)} late`] : []),
  ];
}

/** Summaries of older versions have no steps. */
function probeNote({ name, probe }: Summary['steps'][number]): readonly string[] {
  if (probe === undefined) return [];
  return [
    `${name}: guests were asked (${probe}) from where bench ran, at most every half second; ` +
      'the time of an answer is known to the interval since the probe before it',
  ];
}

/** What limits single figures. */
export function figureNotes(summary: Summary): readonly string[] {
  return figureTexts(shownMetrics(summary), summary);
}

/** A warning in words. */
export function warningText(warning: string): string {
  return warning === REACHED_ONLY ? 'mean, min and max are of the reached only' : warning;
}

function thereBeforeTexts(thereBefore: Readonly<Record<string, number>>): readonly string[] {
  const counts = Object.entries(thereBefore).map(([kind, n]) => `${countText(n)} of kind ${kind}`);
  if (counts.length === 0) return [];
  return [`${counts.join(', ')} were there before the run and are in no figure`];
}

/** Each kind of warning once, with the figures that it is about. */
function figureTexts(metrics: readonly MetricRecord[], { steps }: Summary): readonly string[] {
  const nameOf = recordNamer(metrics, steps ?? []);
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

function shortList(names: readonly string[]): string {
  const unique = [...new Set(names)];
  const more = unique.length - MAX_NAMED;
  const shown = unique.slice(0, MAX_NAMED).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}
