/**
 * How good is the nightly verdict's detector? Operating characteristics on series made from seeds:
 * false alarms per hundred nights on a flat series, and nights until a step is found, under normal
 * and heavy-tailed noise, with and without autocorrelation. Beside them the figures that the design
 * was decided on, where there are any. Also: the synthetic series with known answers, and the time
 * that a history of fifty figures over a thousand nights takes.
 *
 * `npm run detector`, or with more seeds: `npm run detector -- 400`.
 */

import { readFileSync } from 'node:fs';
import {
  CORRECTED,
  detectChangePoints,
  type DetectorOptions,
  OTAVA,
} from '../../src/compare/change-points/detect-change-points.ts';
import { stableStretch, tripwire } from '../../src/compare/change-points/tripwire.ts';
import { createRng, type Rng } from '../../src/core/rng.ts';

/** Nights that a nightly job looks back on. */
const LOOKBACK = 120;

/** Nights before the step, and after it until one gives up. */
const BEFORE = 60;
const PATIENCE = 40;

/** Flat nights after the first ones, on which alarms are false. */
const FLAT_NIGHTS = 200;

/** Older changes are no news to the nightly verdict. */
const RECENT = 15;

/** A change point so near the step is the step. */
const NEAR = 3;

interface Noise {
  readonly name: string;
  readonly cv: number;
  readonly kind: 'normal' | 't3';
  /** Lag-1 autocorrelation. */
  readonly correlation: number;
}

interface Detector {
  readonly name: string;
  readonly options: DetectorOptions;
}

const DETECTORS: readonly Detector[] = [
  { name: 'otava + 5 %', options: { ...OTAVA, minMagnitude: 0.05 } },
  { name: 'bench', options: CORRECTED },
  { name: 'bench, p .01', options: { ...CORRECTED, maxP: 0.01 } },
];

const NOISES: readonly Noise[] = [
  { name: 'normal, CV 2 %', cv: 0.02, kind: 'normal', correlation: 0 },
  { name: 'normal, CV 5 %', cv: 0.05, kind: 'normal', correlation: 0 },
  { name: 'normal, CV 10 %', cv: 0.1, kind: 'normal', correlation: 0 },
  { name: 't3, CV 5 %', cv: 0.05, kind: 't3', correlation: 0 },
  { name: 'normal, CV 5 %, r 0.5', cv: 0.05, kind: 'normal', correlation: 0.5 },
  { name: 't3, CV 5 %, r 0.5', cv: 0.05, kind: 't3', correlation: 0.5 },
];

const STEPS = [0.05, 0.1, 0.2, 0.5] as const;

/** What measurements said when the design was decided: false alarms, then steps of 10, 20, 50 %. */
const REFERENCE: Readonly<Record<string, readonly string[]>> = {
  'otava + 5 % | normal, CV 5 %': ['0.19', '', '4/7', '1/2', ''],
  'otava + 5 % | t3, CV 5 %': ['0.78', '', '3/7', '1/3', ''],
  'bench | normal, CV 5 %': ['0.10', '', '4/9', '3/3', ''],
  'bench | t3, CV 5 %': ['0.19', '', '4/8', '3/3', ''],
  'bench | normal, CV 10 %': ['0.11', '', '', '4/9', '3/3'],
  'bench, p .01 | normal, CV 10 %': ['1.16', '', '', '3/6', '3/3'],
  'bench | normal, CV 2 %': ['0.00', 'miss 17-19 %', '', '', ''],
};

const LEVEL = 30;

function main(seeds: number): void {
  print(`${seeds} seeds; a nightly job that looks back on ${LOOKBACK} nights, one figure.`);
  print(
    'False alarms: changes named on flat series, per 100 nights. Then nights from a step until',
  );
  print(
    'it is named, median/90th percentile, and the share not named within 40 nights. Figures in',
  );
  print('brackets: what the design was decided on.');
  for (const detector of DETECTORS) {
    print(`\n${row(detector.name, ['false /100', ...STEPS.map(stepName)])}`);
    for (const noise of NOISES) print(characteristics(detector, noise, seeds));
  }
  print(`\n${row('one night alone', ['false /100', ...STEPS.map(stepName)])}`);
  for (const noise of NOISES) print(tripwireCharacteristics(noise, seeds));
  syntheticSeries();
  speed();
}

function characteristics(detector: Detector, noise: Noise, seeds: number): string {
  const known = REFERENCE[`${detector.name} | ${noise.name}`] ?? [];
  const beside = (text: string, i: number) => (known[i] ? `${text} [${known[i]}]` : text);
  const alarms = falseAlarms(detector, noise, seeds).toFixed(2);
  const steps = STEPS.map((step) => delayText(delays(detector, noise, step, seeds)));
  return row(`  ${noise.name}`, [alarms, ...steps].map(beside));
}

/**
 * Regressions named per hundred nights, as the nightly verdict would; one that only moves by a few
 * nights is not named anew.
 */
function falseAlarms({ options }: Detector, noise: Noise, seeds: number): number {
  let alarms = 0;
  const runs = Math.max(4, Math.round(seeds / 5));
  for (let seed = 0; seed < runs; seed++) {
    const series = makeSeries(`flat/${noise.name}/${seed}`, noise, LOOKBACK + FLAT_NIGHTS);
    const named: number[] = [];
    for (let night = LOOKBACK; night < series.length; night++) {
      const start = night + 1 - LOOKBACK;
      for (const { index, before, after } of detectChangePoints(
        series.slice(start, night + 1),
        options,
      ).changePoints) {
        const at = start + index;
        if (at <= night - RECENT || after.value < before.value) continue;
        if (named.every((other) => Math.abs(other - at) > 2 * NEAR)) {
          named.push(at);
          alarms += 1;
        }
      }
    }
  }
  return (100 * alarms) / (runs * FLAT_NIGHTS);
}

/** Nights from each step until it was named; undefined where it was not. */
function delays(
  { options }: Detector,
  noise: Noise,
  step: number,
  seeds: number,
): readonly (number | undefined)[] {
  return Array.from({ length: seeds }, (_, seed) => {
    const flat = makeSeries(`step/${noise.name}/${seed}`, noise, BEFORE + PATIENCE);
    const series = flat.map((value, i) => (i < BEFORE ? value : value * (1 + step)));
    for (let nights = 1; nights <= PATIENCE; nights++) {
      const { changePoints } = detectChangePoints(series.slice(0, BEFORE + nights), options);
      const found = changePoints.some(({ index, before, after }) => {
        return Math.abs(index - BEFORE) <= NEAR && after.value > before.value;
      });
      if (found) return nights;
    }
    return undefined;
  });
}

function tripwireCharacteristics(noise: Noise, seeds: number): string {
  const alarms = (factor: number) => {
    let tripped = 0;
    for (let seed = 0; seed < 10 * seeds; seed++) {
      const series = makeSeries(`wire/${noise.name}/${seed}`, noise, BEFORE + 1);
      const bounds = tripwire(stableStretch(series.slice(0, BEFORE), []));
      if (bounds !== undefined && (series[BEFORE] as number) * factor > bounds.hi) tripped += 1;
    }
    return (100 * tripped) / (10 * seeds);
  };
  const steps = STEPS.map((step) => `${alarms(1 + step).toFixed(0)} %`);
  return row(`  ${noise.name}`, [alarms(1).toFixed(2), ...steps]);
}

function makeSeries(name: string, noise: Noise, length: number): readonly number[] {
  const rng = createRng(name);
  const { cv, kind, correlation } = noise;
  let state = deviate(rng, kind);
  return Array.from({ length }, () => {
    state = correlation * state + Math.sqrt(1 - correlation ** 2) * deviate(rng, kind);
    // Heavy tails reach far; a latency stays positive.
    return Math.max(LEVEL * 0.05, LEVEL * (1 + cv * state));
  });
}

/** Mean 0, variance 1; Student's t with three degrees of freedom has variance 3. */
function deviate(rng: Rng, kind: Noise['kind']): number {
  const normal = rng.normal();
  if (kind === 'normal') return normal;
  const chiSquared = rng.normal() ** 2 + rng.normal() ** 2 + rng.normal() ** 2;
  return normal / Math.sqrt(chiSquared / 3) / Math.sqrt(3);
}

function delayText(found: readonly (number | undefined)[]): string {
  const nights = found.filter((value) => value !== undefined).sort((a, b) => a - b);
  const misses = Math.round((100 * (found.length - nights.length)) / found.length);
  const missed = misses > 0 ? ` -${misses}%` : '';
  if (nights.length === 0) return 'never';
  const at = (q: number) => nights[Math.min(nights.length - 1, Math.floor(q * nights.length))];
  return `${at(0.5)}/${at(0.9)}${missed}`;
}

interface SyntheticCase {
  readonly name: string;
  readonly series: readonly number[];
  readonly expect_corrected: readonly number[];
  readonly expect_otavaCompat: readonly number[];
}

function syntheticSeries(): void {
  const file = new URL('../../../../test/fixtures/edivisive-synthetic.json', import.meta.url);
  const cases = JSON.parse(readFileSync(file, 'utf8')) as readonly SyntheticCase[];
  const exact = (options: DetectorOptions, expected: (one: SyntheticCase) => readonly number[]) =>
    cases.filter((one) => {
      const found = detectChangePoints(one.series, options).changePoints.map(({ index }) => index);
      return found.join() === expected(one).join();
    }).length;
  const corrected = exact(CORRECTED, (one) => one.expect_corrected);
  const compatible = exact({ ...OTAVA, minMagnitude: 0.05 }, (one) => one.expect_otavaCompat);
  const all = cases.length;
  print(
    `\nSynthetic series matched: bench ${corrected} of ${all}, otava + 5 % ${compatible} of ${all}.`,
  );
}

function speed(): void {
  const noise = NOISES[1] as Noise;
  const all = Array.from({ length: 50 }, (_, i) => makeSeries(`speed/${i}`, noise, 1000));
  const started = performance.now();
  for (const series of all) detectChangePoints(series, CORRECTED);
  const seconds = (performance.now() - started) / 1000;
  print(`50 figures over 1,000 nights: ${seconds.toFixed(2)} s.`);
}

function stepName(step: number): string {
  return `+${Math.round(100 * step)} %`;
}

function row(name: string, cells: readonly string[]): string {
  return [name.padEnd(24), ...cells.map((cell) => cell.padStart(23))].join('');
}

function print(line: string): void {
  console.log(line);
}

main(Number(process.argv[2] ?? 100));
