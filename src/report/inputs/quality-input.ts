/** What tells how good the measurement was: own lateness, watch gaps, clock offsets, verdict. */

import { clockOffsets } from '../../analyse/clocks/clock-offsets.ts';
import { spreadOfValues } from '../../analyse/spread.ts';
import type { Summary } from '../../analyse/summary.ts';
import { toSeconds } from '../../core/duration.ts';
import type { Manifest } from '../../record/manifest.ts';
import type { Operation, Run } from '../../record/run.ts';
import { formatValue } from '../chart/format.ts';
import type { ClockOffset, QualityInput } from '../figures/quality.ts';
import { countText, longTimeText } from '../wording/numbers.ts';

export function makeQualityInput(
  run: Run,
  { validity }: Summary,
  manifest: Manifest | undefined,
): QualityInput {
  const { valid, reasons, planned, sent, intervalShare, retries, problems } = validity;
  const lag = manifest?.finished?.loopLagUs;
  return {
    lastS: Math.max(1, toSeconds(run.lastUs)),
    sendLag: sendLags(run),
    gaps: run.gaps.map(({ k, from, t, cause, relist }) => ({
      kind: k,
      fromS: toSeconds(from),
      toS: toSeconds(t),
      cause: relist ? `${cause}, listed again` : cause,
    })),
    offsets: estimateOffsets(run),
    isValid: valid,
    reasons,
    facts: [
      ['operations planned', countText(planned)],
      ['operations sent', countText(sent)],
      ['values known to an interval only', formatValue('percent', intervalShare)],
      ['requests repeated', countText(retries)],
      ['time measured', longTimeText(toSeconds(run.lastUs))],
      ...(lag === undefined
        ? []
        : [['event loop late, p99', formatValue('milliseconds', lag.p99 / 1000)] as const]),
      ...problems.map((problem) => ['history', problem] as const),
    ],
  };
}

/** A row a wave, in order of time. */
function sendLags({ operations }: Run): QualityInput['sendLag'] {
  const waves = new Map<string, Operation[]>();
  for (const operation of operations) {
    if (operation.found) continue;
    const key = `${operation.step}/${operation.wave}`;
    const wave = waves.get(key);
    if (wave === undefined) waves.set(key, [operation]);
    else wave.push(operation);
  }
  return [...waves.values()].map((wave) => {
    const lags = wave.map(({ sentUs, intendedUs }) => Math.max(0, sentUs - intendedUs));
    const [p50 = 0, max = 0] = spreadOfValues(lags, [0.5, 1]);
    return {
      atS: toSeconds(wave[0]?.intendedUs ?? 0),
      p50S: toSeconds(p50),
      maxS: toSeconds(max),
    };
  });
}

/** What all bounds on a clock leave of its offset. */
function estimateOffsets(run: Run): readonly ClockOffset[] {
  return clockOffsets(run).map(({ clock, offset, halfWidth }) => ({
    clock,
    loS: offset - halfWidth,
    hiS: offset + halfWidth,
  }));
}
