/** Whether rounds got slower, one card a churn: the answer that it was made for. */

import type { Drift } from '../../analyse/drift.ts';
import type { Summary } from '../../analyse/summary.ts';
import type { Card } from '../document/document.ts';
import { metricText, variantText } from '../../catalogue/names.ts';
import { countedText } from '../wording/numbers.ts';

export function driftCards({ drift = [] }: Summary): readonly Card[] {
  const churns = [...new Set(drift.map(({ step }) => step))];
  return churns.map((churn) =>
    driftCard(
      churn,
      drift.filter(({ step }) => step === churn),
    ),
  );
}

function driftCard(churn: string, found: readonly Drift[]): Card {
  const slower = found.filter(({ verdict }) => verdict === 'slower');
  const faster = found.filter(({ verdict }) => verdict === 'faster');
  const known = found.filter(({ verdict }) => verdict !== 'unknown');
  const rounds = Math.max(0, ...found.map((each) => each.rounds));
  const percent = Math.round((found[0]?.level ?? 0) * 100);
  const value =
    slower.length > 0
      ? 'drift: it gets slower'
      : faster.length > 0
        ? 'drift: it gets faster'
        : known.length > 0
          ? 'no drift'
          : 'not known';
  const parts = known.map(driftText);
  const unit = `a round, with its ${percent} % interval`;
  const detail =
    known.length === 0 ? 'too few rounds, or too many misses' : `${unit}: ${parts.join(', ')}`;
  return {
    label: `${churn}, ${countedText(rounds, 'round')}`,
    value,
    detail,
    tone: slower.length > 0 ? 'bad' : known.length > 0 ? 'good' : 'plain',
  };
}

function driftText({ metric, dimensions, perRound, verdict }: Drift): string {
  const { perWave = 0, lo = 0, hi = 0 } = perRound ?? {};
  const what = [variantText(dimensions), metricText(metric)].filter(Boolean).join(' ');
  const marks = { slower: ' SLOWER', faster: ' faster', none: '', unknown: '' }[verdict];
  return `${what} ${signed(perWave)} (${signed(lo)} to ${signed(hi)})${marks}`;
}

/** `+0.12 %`. */
function signed(share: number): string {
  const percent = (share * 100).toFixed(2);
  return `${Number(percent) >= 0 ? '+' : ''}${percent} %`.replace('+-', '-');
}
