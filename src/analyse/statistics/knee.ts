/**
 * Where a curve of latency against load bends. Two answers: by the operational bounds, where the
 * line of no waiting meets the line of the slowest station (Lazowska et al., Quantitative System
 * Performance, ch. 5), and by the scalability law. A knee outside the levels that were measured is
 * none, and a peak whose cause is within its error is none either.
 */

import { fitScalability, type ScalabilityFit, throughputAt } from './scalability-law.ts';

export interface Level {
  /** Operations released together. */
  readonly n: number;
  /** Until the last of them was there. */
  readonly seconds: number;
}

export interface OperationalBounds {
  /** Seconds with hardly any load. */
  readonly unloaded: number;
  /** Operations a second that the slowest station lets through. */
  readonly ceiling: number;
  /** The load at which the two meet. */
  readonly knee: number;
}

export type FoundBounds = OperationalBounds | { readonly none: string };

/** Of at least three levels: latency of the least, and the slope between the two greatest. */
export function operationalBounds(levels: readonly Level[]): FoundBounds {
  const sorted = [...levels].sort((a, b) => a.n - b.n);
  const [first] = sorted;
  const [before, last] = sorted.slice(-2);
  if (first === undefined || before === undefined || last === undefined || sorted.length < 3) {
    return { none: 'fewer than three loads were measured to their end' };
  }
  const slope = (last.seconds - before.seconds) / (last.n - before.n);
  if (!(slope > 0)) return { none: 'no knee inside the range: latency does not grow with load' };
  const ceiling = 1 / slope;
  const knee = first.seconds * ceiling;
  if (knee <= first.n || knee >= last.n) {
    const where = `${Math.round(first.n)} to ${Math.round(last.n)}`;
    return {
      none: `no knee inside the range: the bounds meet at ${Math.round(knee)}, not in ${where}`,
    };
  }
  return { unloaded: first.seconds, ceiling, knee };
}

export interface LawVerdict {
  readonly fit: ScalabilityFit;
  /** Operations a second that throughput tends to, gamma / sigma; absent without contention. */
  readonly ceiling?: number;
  /** Throughput of each level against the law's, as a share of the law's. */
  readonly residuals: readonly number[];
  /** Load of the greatest throughput; absent where there is none to be told from the data. */
  readonly peak?: number;
  readonly noPeak?: string;
}

/** Undefined with fewer than four levels. */
export function judgeLaw(levels: readonly Level[]): LawVerdict | undefined {
  const loads = levels.map(({ n }) => n);
  const throughputs = levels.map(({ n, seconds }) => n / seconds);
  const fit = fitScalability(loads, throughputs);
  if (fit === undefined) return undefined;
  const { gamma, sigma, kappa } = fit;
  const residuals = loads.map((n, i) => {
    const expected = throughputAt(n, [gamma, sigma, kappa]);
    return ((throughputs[i] as number) - expected) / expected;
  });
  const ceiling = sigma > 0 ? { ceiling: gamma / sigma } : {};
  return { fit, residuals, ...ceiling, ...judgePeak(fit, Math.max(...loads)) };
}

function judgePeak(
  { kappa, peakAt, standardErrors }: ScalabilityFit,
  most: number,
): Pick<LawVerdict, 'peak' | 'noPeak'> {
  if (peakAt === undefined) return { noPeak: 'no peak: kappa is 0' };
  if (kappa <= 2 * standardErrors[2]) {
    return { noPeak: 'no peak: kappa is within two standard errors of 0' };
  }
  if (peakAt > most)
    return { noPeak: `no peak inside the range: it would lie at ${Math.round(peakAt)}` };
  return { peak: peakAt };
}
