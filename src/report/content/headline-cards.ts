/** The numbers at the top: what a planner came for, and whether to believe it. */

import { dimensionKey } from '../../analyse/spans.ts';
import type { MetricRecord } from '../../analyse/metric-record.ts';
import type { Summary } from '../../analyse/summary.ts';
import type { Estimate } from '../../analyse/statistics/estimate.ts';
import { plainNumber } from '../chart/format.ts';
import type { Card } from '../document.ts';
import { countText, estimateText, intervalText, secondsText } from '../figures/words.ts';
import { displayName } from '../inputs/names.ts';

export function headlineCards(summary: Summary): readonly Card[] {
  return [
    outcomeCard(summary),
    ...cloneCards(summary),
    ...bootCards(summary),
    countsCard(summary),
    qualityCard(summary),
  ];
}

function outcomeCard({ run }: Summary): Card {
  const isSimulated = run.target === 'simulated';
  return {
    label: isSimulated ? 'Run on the simulated cluster' : 'Run on a real cluster',
    value: run.outcome,
    detail: run.reason ?? (isSimulated ? 'no hardware was measured' : 'as planned'),
    tone: run.outcome === 'complete' ? 'good' : 'bad',
  };
}

function cloneCards({ comparisons, metrics }: Summary): readonly Card[] {
  return comparisons
    .filter(({ metric }) => metric === 'clone')
    .map(({ dimensions, ratioOfMeans, withheld }): Card => {
      const meanOf = (source: string) => {
        const key = dimensionKey({ ...dimensions, source });
        const found = metrics.find(
          (one) => one.metric === 'clone' && dimensionKey(one.dimensions) === key,
        );
        return estimateText(found?.mean);
      };
      const what = displayName(dimensions.image ?? dimensions.template ?? 'disk');
      const label = `${what}: snapshot clones against PVC clones`;
      if (withheld !== undefined) {
        return { label, value: 'not compared', detail: withheld, tone: 'bad' };
      }
      return {
        label,
        value: speedText(ratioOfMeans),
        detail: `${rangeText(ratioOfMeans)}mean ${meanOf('snapshot')} against ${meanOf('pvc')}`,
        tone: 'plain',
      };
    });
}

function speedText(ratio: Estimate | undefined): string {
  if (ratio === undefined || !('value' in ratio)) return 'no ratio';
  return `${plainNumber(ratio.value, 3)}× as fast`;
}

function rangeText(ratio: Estimate | undefined): string {
  if (ratio === undefined || !('value' in ratio)) return '';
  const { lo, hi } = ratio;
  if (lo === undefined || hi === undefined) return '';
  return `95 % interval ${plainNumber(lo, 3)} to ${plainNumber(hi, 3)}; `;
}

/** A card an image: until the last guest of a wave is ready, VMI Running beside it. */
function bootCards(summary: Summary): readonly Card[] {
  const running = summary.metrics.filter(({ metric }) => metric === 'waveRunning');
  return running.map((record): Card => {
    const key = dimensionKey(record.dimensions);
    const guest = summary.metrics.find(
      (one) => one.metric === 'waveGuestReady' && dimensionKey(one.dimensions) === key,
    );
    const { image, template } = record.dimensions;
    const what = displayName(image ?? template ?? 'VM');
    const goal = guest ?? record;
    const size = waveSize(summary, record);
    const until = guest === undefined ? 'Running' : 'guest ready';
    const beside =
      guest === undefined ? '' : `; VMI Running after ${estimateText(typical(record))}`;
    const interval = intervalText(typical(goal)).trim();
    const doubt = interval === '' ? '' : `95 % interval ${interval.slice(1, -1)}; `;
    return {
      label: `${size} ${what} VMs, until the last is ${until}`,
      value: estimateText(typical(goal)),
      detail: `${doubt}${goal.reached === goal.n ? 'mean' : 'median'} of ${goal.n} waves${beside}`,
      tone: 'plain',
    };
  });
}

/** The mean; where waves were missed the median, which knows of them. */
function typical({ reached, n, mean, p50 }: MetricRecord): Estimate | undefined {
  return reached === n ? mean : p50;
}

function waveSize({ waves }: Summary, { dimensions }: MetricRecord): string {
  const same = waves.filter(
    ({ dimensions: own, warmup }) =>
      !warmup &&
      own.step === dimensions.step &&
      own.image === dimensions.image &&
      own.template === dimensions.template,
  );
  // Where others' load is observed, waves of clones of the same image are in the same step.
  const boots = same.filter(({ dimensions: own }) => own.source === undefined);
  const sizes = (boots.length > 0 ? boots : same).map(({ n }) => n);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  if (sizes.length === 0) return 'a wave of';
  return least === most ? countText(most) : `${countText(least)} to ${countText(most)}`;
}

/** Each object once: by the last milestone that was measured of it. */
function countsCard({ waves }: Summary): Card {
  const sum = (read: (wave: Summary['waves'][number]) => number) =>
    waves.reduce((total, wave) => total + read(wave), 0);
  const [n, reached] = [sum((wave) => wave.n), sum((wave) => wave.reached)];
  const [failed, censored] = [sum((wave) => wave.failed), sum((wave) => wave.censored)];
  return {
    label: 'Operations that reached their goal',
    value: reached === n ? `all ${countText(n)}` : `${countText(reached)} of ${countText(n)}`,
    detail: `${countText(failed)} failed, ${countText(censored)} not done in time`,
    tone: reached === n ? 'good' : 'bad',
  };
}

function qualityCard({ validity }: Summary): Card {
  const { valid, reasons, watchGaps, maxSendLag } = validity;
  const ownDelay = maxSendLag === undefined ? [] : [`own delay at most ${secondsText(maxSendLag)}`];
  const gaps = watchGaps.count === 0 ? 'no watch gap' : `${watchGaps.count} watch gaps`;
  return {
    label: 'Quality of the measurement',
    value: valid ? 'valid' : 'not valid',
    detail: valid ? [gaps, ...ownDelay].join('; ') : reasons.join('; '),
    tone: valid ? 'good' : 'bad',
  };
}
