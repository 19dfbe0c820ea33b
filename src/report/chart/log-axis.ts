/** A logarithmic axis that fits its data: round numbers for ticks, as many as fit. */

import type { AxisSpec } from './chart-spec.ts';

/** From `least` to `most`, both positive; a decade where the data give no such ends. */
export function logAxis(least: number, most: number, rest: Partial<AxisSpec> = {}): AxisSpec {
  const lo = isLength(least) ? least : isLength(most) ? most / 10 : 1;
  const top = Math.max(isLength(most) ? most : lo * 10, lo * 1.2);
  return {
    scale: 'log',
    format: 'seconds',
    title: 'seconds, logarithmic',
    min: lo,
    max: top,
    at: roundNumbers(lo, top),
    ...rest,
  };
}

/** More than no time, and less than that of the universe. */
function isLength(value: number): boolean {
  return value > 1e-12 && value < 1e18;
}

/** Round numbers between two, in the steps that suit their distance. */
function roundNumbers(lo: number, hi: number): readonly number[] {
  const mantissas = mantissasFor(Math.log10(hi / lo));
  const numbers: number[] = [];
  for (let power = Math.floor(Math.log10(lo)); power <= Math.ceil(Math.log10(hi)); power++) {
    for (const mantissa of mantissas) numbers.push(Number((mantissa * 10 ** power).toPrecision(3)));
  }
  return numbers.filter((number) => number >= lo * 0.999 && number <= hi * 1.001);
}

function mantissasFor(decades: number): readonly number[] {
  if (decades > 3) return [1];
  if (decades > 1.2) return [1, 2, 5];
  if (decades > 0.7) return [1, 1.5, 2, 3, 5, 7];
  return [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9];
}
