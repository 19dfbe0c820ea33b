/** Wave settings with defaults filled in, and the rules that join a wave's fields. */

import { milestoneCalled } from '../catalogue/milestone-marks.ts';
import { isProbe } from '../catalogue/tests.ts';
import { SECOND } from '../core/duration.ts';
import { guestTests } from './guest-goal.ts';
import type { Path } from './path.ts';
import type { Report } from './problem.ts';
import type { WaveSettings } from './scenario.ts';
import type { WaveDocument } from './step-fields.ts';

const SIZE_DEFAULT = 100;
const RAMP_DEFAULT_US = 2 * SECOND;

export interface WaveDefaults {
  /** Operations of the largest arm or template of the step: no wave holds more. */
  readonly largest: number;
  readonly timeoutUs: number;
  readonly errorBudget: number;
  readonly waveErrorBudget: number;
}

/** Settings of a step's waves; `path` leads to the `wave` field. */
export function resolveWaves(
  wave: WaveDocument,
  defaults: WaveDefaults,
  path: Path,
  report: Report,
): WaveSettings {
  const size = wave.size ?? Math.min(SIZE_DEFAULT, Math.max(1, defaults.largest));
  const pacing = resolvePacing(wave, size);
  const rampUs = wave.rate === undefined ? (wave.ramp ?? RAMP_DEFAULT_US) : openPeriod(wave, size);
  checkSize(wave, size, defaults.largest, path, report);
  checkPacing(wave, path, report);
  checkRamp(wave, path, report);
  return {
    size,
    pacing,
    rampUs: pacing.loop === 'open' ? Math.min(rampUs, pacing.everyUs) : rampUs,
    ...goalOf(wave, [...path, 'until'], report),
    timeoutUs: wave.timeout ?? defaults.timeoutUs,
    warmupWaves: wave.warmup,
    inFlightMax: wave.inFlight,
    errorBudget: defaults.errorBudget,
    waveErrorBudget: defaults.waveErrorBudget,
  };
}

function goalOf(
  { until }: WaveDocument,
  path: Path,
  report: Report,
): Pick<WaveSettings, 'until' | 'probe'> {
  if (typeof until === 'string') return { until: milestoneCalled(until), probe: undefined };
  const [test, second] = guestTests(until, path, report);
  if (test === undefined || second !== undefined) {
    const message = test === undefined ? 'says nothing' : 'says several things';
    report(path, message, 'give exactly one of ip, tcp and http', 'key');
  }
  const probe = test && isProbe(test) ? test : undefined;
  return { until: probe === undefined ? 'addressed' : 'reachable', probe };
}

function resolvePacing(wave: WaveDocument, size: number): WaveSettings['pacing'] {
  if (wave.after !== undefined) return { loop: 'after', step: wave.after };
  if (wave.every !== undefined || wave.rate !== undefined) {
    return { loop: 'open', everyUs: openPeriod(wave, size) };
  }
  return { loop: 'closed', share: wave.share ?? 1, pauseUs: wave.pause ?? 0 };
}

function openPeriod(wave: WaveDocument, size: number): number {
  if (wave.every !== undefined) return wave.every;
  return Math.max(1, Math.round((size / (wave.rate ?? 1)) * SECOND));
}

function checkSize(
  wave: WaveDocument,
  size: number,
  largest: number,
  path: Path,
  report: Report,
): void {
  if (largest > 0 && size > largest) {
    report(
      [...path, 'size'],
      `a wave of ${size} is larger than the count of ${largest}`,
      `use ${largest} or less, or raise the count`,
    );
  }
  const waves = Math.ceil(largest / size);
  if (wave.warmup > 0 && wave.warmup >= waves) {
    report(
      [...path, 'warmup'],
      `leaves nothing to measure: there ${waves === 1 ? 'is 1 wave' : `are ${waves} waves`}`,
      `use ${waves - 1} or less`,
    );
  }
}

/** Closed and open loop exclude each other, and so do the two ways to write an open loop. */
function checkPacing(wave: WaveDocument, path: Path, report: Report): void {
  const { after } = wave;
  const open = wave.every !== undefined ? 'every' : wave.rate !== undefined ? 'rate' : undefined;
  for (const field of ['pause', 'share', 'every', 'rate'] as const) {
    if (after === undefined || wave[field] === undefined) continue;
    report([...path, field], `${field} stands beside after`, 'remove one of them', 'key');
  }
  if (open === undefined || after !== undefined) return;
  for (const field of ['pause', 'share'] as const) {
    if (wave[field] === undefined) continue;
    const message = `${field} belongs to closed-loop waves, ${open} to open-loop waves`;
    report([...path, field], message, `remove ${field} or ${open}`, 'key');
  }
  if (wave.every !== undefined && wave.rate !== undefined) {
    report(
      [...path, 'rate'],
      'every and rate say the same thing twice',
      'remove one of them',
      'key',
    );
  }
}

function checkRamp(wave: WaveDocument, path: Path, report: Report): void {
  if (wave.ramp === undefined) return;
  if (wave.rate !== undefined) {
    report([...path, 'ramp'], 'rate already spreads the starts', 'remove ramp or rate', 'key');
  } else if (wave.every !== undefined && wave.ramp > wave.every) {
    report([...path, 'ramp'], 'is longer than every, so waves would overlap', 'use every or less');
  }
}
