/**
 * A suspicion decided on its own night: more runs are made, each is judged against the nights
 * before as the first one was, and the majority of all runs counts. That tells whether the cluster
 * is slow tonight, not whether it stays so; the level follows its own evidence, and only the first
 * run is the night in the history.
 */

import type { SeriesVerdict, NightlyVerdict } from './verdict.ts';
import { chooseExitCode, headline, verdictWord } from './verdict-word.ts';

/** The verdict of `first`, which is a suspicion, after the runs of the same night. */
export function confirmNight(
  first: NightlyVerdict,
  others: readonly NightlyVerdict[],
  strict: boolean,
): NightlyVerdict {
  const judged = others.filter(({ series }) => series.length > 0);
  const figures = first.series.map((figure) => decided(figure, judged));
  const findings = { quality: first.quality, levels: first.serviceLevels, figures };
  const word = verdictWord(findings, strict);
  const lost = others.length - judged.length;
  const runs = others.map(({ run }) => run.id).join(', ');
  return {
    ...first,
    verdict: word,
    exitCode: chooseExitCode(findings, strict),
    headline: headline(word, findings, first.history.nights),
    series: figures,
    notes: [
      ...first.notes,
      ...(others.length === 0 ? [] : [`made again the same night: ${runs}`]),
      ...(lost > 0 ? [`${lost} of these could not be judged`] : []),
    ],
  };
}

/** Without a majority of runs that could be judged either way it stays suspect. */
function decided(figure: SeriesVerdict, others: readonly NightlyVerdict[]): SeriesVerdict {
  if (figure.state !== 'suspect' || others.length === 0) return figure;
  const again = others
    .flatMap(({ series }) => series.find((one) => isSame(one, figure)) ?? [])
    .filter(({ state }) => state !== 'learning');
  const of = 1 + again.length;
  const beyond = 1 + again.filter(isBeyond).length;
  const repeats = { beyond, of };
  if (2 * beyond > of) return { ...figure, state: 'confirmed', repeats };
  return { ...figure, repeats, ...(2 * beyond < of ? { state: 'notRepeated' } : {}) };
}

function isBeyond({ state }: SeriesVerdict): boolean {
  return state === 'suspect' || state === 'regressed';
}

function isSame(a: SeriesVerdict, b: SeriesVerdict): boolean {
  const names = ['metric', 'statistic', 'step', 'image', 'source', 'template'] as const;
  return names.every((name) => a[name] === b[name]);
}
