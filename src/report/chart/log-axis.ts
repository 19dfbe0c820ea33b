/** A logarithmic axis that fits its data: round numbers for ticks, as many as fit. */

import type { AxisSpec } from './chart-spec.ts';

/** From `lo` to `hi`, both positive. */
export function logAxis(lo: number, hi: number, rest: Partial<AxisSpec> = {}): AxisSpec {
  const top = Math.max(hi, lo * 1.2);
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
