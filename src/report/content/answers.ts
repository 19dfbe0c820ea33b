/** What a planner came for, one card an answer; terminal, page and Markdown show the same ones. */

import type { Progress } from '../../analyse/progress.ts';
import { timesText, countedText, longTimeText, percentText } from '../wording/numbers.ts';
import { bytesText, estimateText, partText, secondsText } from '../wording/numbers.ts';
import { countText, intervalNumber } from '../wording/numbers.ts';
import type { Card } from '../document/document.ts';
import type { CloneFact, RunFacts, StageFact } from '../facts/run-facts.ts';
import { BOOT_GOALS, type BootFact } from '../facts/wave-facts.ts';
import { displayName, sourceText, stageText, variantText } from '../../catalogue/names.ts';
import { goalText } from '../wording/labels.ts';
import { driftCards } from './drift-cards.ts';
import { stepCards } from './step-cards.ts';
import { missesText, orderText, sizeText } from '../wording/labels.ts';

export function answerCards(facts: RunFacts): readonly Card[] {
  const { progress, cloneArms, boots, longestStages } = facts;
  return [
    ...driftCards(facts.summary),
    ...stepCards(facts.summary),
    ...timeCards(progress),
    ...cloneArms.map(cloneCard),
    ...boots.map(bootCard),
    ...reachedCards(progress),
    ...storageCards(facts),
    ...longestStages.map(stageCard),
  ];
}

/** The quality of the measurement itself. */
export function qualityCard({ summary: { validity } }: RunFacts): Card {
  const { valid, reasons, watchGaps, maxSendLag } = validity;
  const lag = maxSendLag === undefined ? [] : [`send lag at most ${secondsText(maxSendLag)}`];
  const gaps = watchGaps.count === 0 ? 'no watch gaps' : countedText(watchGaps.count, 'watch gap');
  return {
    label: 'Quality of the measurement',
    value: valid ? 'valid' : 'INVALID',
    detail: valid ? [gaps, ...lag].join('; ') : reasons.join('; '),
    tone: valid ? 'good' : 'bad',
  };
}

const NOUNS: Readonly<Record<Progress['of'], string>> = {
  boot: 'VMs',
  deploy: 'VMs',
  clone: 'clones',
};

/** How long for all of them: boots where there are any, else what comes before. */
function timeCards(all: readonly Progress[]): readonly Card[] {
  const [first] = all;
  if (first?.seconds === undefined) return [];
  const { reached, asked, seconds, betweenWaves = 0 } = first;
  const noun = NOUNS[first.of];
  const time = longTimeText(seconds);
  const pauses = betweenWaves < 1 ? 'no pauses' : `${longTimeText(betweenWaves)} of it in pauses`;
  return [
    {
      label: `Time until ${partText(reached, asked).replace(/^all /, '')} ${noun} ${were(first)}`,
      value: time,
      detail: `from the first release; ${pauses}`,
      tone: reached === asked ? 'plain' : 'bad',
    },
  ];
}

function were(progress: Progress): string {
  return `were ${goalText(progress)}`;
}

function cloneCard({ comparison, baselineMean, headMean, waits }: CloneFact): Card {
  const { dimensions, ratioOfMeans, withheld, baseline, head, order } = comparison;
  const what = displayName(dimensions.image ?? dimensions.template ?? 'disk');
  const [before, after] = [sourceText(baseline.source), sourceText(head.source)];
  const label = `${what}: ${after} clones against ${before} clones`;
  if (withheld !== undefined) {
    return { label, value: 'not compared', detail: withheld, tone: 'bad' };
  }
  const interval = intervalNumber(ratioOfMeans);
  const parts = [
    ...(interval === '' ? [] : [`95 % interval ${interval}`]),
    `mean ${estimateText(headMean)} against ${estimateText(baselineMean)} from first sight`,
    ...(waits === undefined ? [] : [waitsText(waits)]),
    orderText(order),
  ];
  const value =
    ratioOfMeans === undefined ? 'no ratio' : `${timesText(ratioOfMeans.value)} as fast`;
  return { label, value, detail: parts.join('; '), tone: 'plain' };
}

/** What stands before the first sight of a DataVolume: whoever creates it waits for that too. */
function waitsText({ baseline, head }: NonNullable<CloneFact['waits']>): string {
  return `creations acknowledged after ${estimateText(head)} against ${estimateText(baseline)}`;
}

/** The slowest VM's own latency, and the whole wave from its release: two different things. */
function bootCard(fact: BootFact): Card {
  const { dimensions, size, until, waves, missedWaves, statistic } = fact;
  const { slowest, slowestRunning, wholeWave } = fact;
  const what = displayName(dimensions.image ?? dimensions.template ?? 'VM');
  const { goal } = BOOT_GOALS[until];
  const interval = intervalNumber(slowest);
  const parts = [
    ...(interval === '' ? [] : [`95 % interval ${interval}`]),
    ...(slowestRunning === undefined ? [] : [`slowest Running ${estimateText(slowestRunning)}`]),
    `whole wave from its release ${estimateText(wholeWave)}`,
    `${statistic} of ${countedText(waves, 'wave')}`,
    ...(missedWaves > 0 ? [`${missedWaves} of them with a miss`] : []),
  ];
  return {
    label: `Slowest of ${sizeText(size)}${what} VMs released together, ${goal}`,
    value: estimateText(slowest),
    detail: parts.join('; '),
    tone: missedWaves > 0 ? 'bad' : 'plain',
  };
}

/** What was asked for is the denominator, begun or not. */
function reachedCards(all: readonly Progress[]): readonly Card[] {
  if (all.length === 0) return [];
  const texts = all.map((one) => {
    const { asked, reached } = one;
    return `${partText(reached, asked)} ${NOUNS[one.of]} ${goalText(one)}`;
  });
  const [first, ...rest] = texts;
  const missed = all.flatMap((one) => {
    const never = one.asked - one.n;
    const parts = [
      ...[missesText(one)].filter((text) => text !== undefined),
      ...(never > 0 ? [`${countText(never)} never begun`] : []),
    ];
    return parts.length === 0 ? [] : [`${NOUNS[one.of]} not ${goalText(one)}: ${parts.join(', ')}`];
  });
  return [
    {
      label: 'Reached of what was asked for',
      value: first ?? '',
      detail: [...rest, ...missed].join('; ') || 'nothing missed',
      tone: all.every(({ asked, reached }) => asked === reached) ? 'good' : 'bad',
    },
  ];
}

function storageCards({ storage }: RunFacts): readonly Card[] {
  if (storage === undefined) return [];
  const { usedBytes, totalBytes } = storage;
  const share = totalBytes === undefined ? '' : `, ${percentText(usedBytes / totalBytes)}`;
  return [
    {
      label: 'Storage used at most',
      value: bytesText(usedBytes),
      detail:
        totalBytes === undefined
          ? 'raw, replicas counted'
          : `of ${bytesText(totalBytes)}${share}; raw, replicas counted`,
      tone: 'plain',
    },
  ];
}

function stageCard({ breakdown, stage, seconds, totalSeconds }: StageFact): Card {
  const { of, dimensions } = breakdown;
  return {
    label: `Longest stage of ${variantText(dimensions)} ${of === 'boot' ? 'boots' : 'clones'}`,
    value: stageText(of, stage),
    detail: `mean ${secondsText(seconds)} of ${secondsText(totalSeconds)}`,
    tone: 'plain',
  };
}
