/**
 * How values and colours read. These functions run here and, as text, on the page, so each may use
 * its arguments and its neighbours in this file, nothing else.
 */

import type { ValueFormat } from './chart-spec.ts';
import type { Theme } from './theme.ts';

/** A CSS colour of `@name`, `@name/percent` or a CSS colour. */
export function cssColour(colour: string, theme: Theme): string {
  if (!colour.startsWith('@')) return colour;
  const [name = '', percent] = colour.slice(1).split('/');
  const hex = theme[name as keyof Theme];
  if (percent === undefined) return hex;
  const alpha = Math.round((Number(percent) / 100) * 255);
  return hex + alpha.toString(16).padStart(2, '0');
}

/** A value with its unit, to three figures and never more than the data carry. */
export function formatValue(format: ValueFormat, value: number): string {
  if (format === 'percentile') return `p${plainNumber(100 * (1 - 1 / value), 5)}`;
  if (format === 'percent') return `${plainNumber(100 * value, 3)} %`;
  if (format === 'count') return plainNumber(value, 12);
  const units = {
    seconds: ' s',
    milliseconds: ' ms',
    minutes: ' min',
    hours: ' h',
    gibibytes: ' GiB',
    tebibytes: ' TiB',
    perSecond: '/s',
    plain: '',
  };
  return plainNumber(value, 3) + units[format];
}

/** `1,234`, `32.1`, `0.05`: so many significant figures, whole numbers whole. */
export function plainNumber(
  value: number,
  figures: number,
  { mostDecimals = 6, keepsZeros = false } = {},
): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞';
  // 9.996 has as many figures as the 10.0 that it is rounded to.
  const size = Math.abs(Number(value.toPrecision(figures)));
  const decimals = size === 0 ? figures - 1 : figures - 1 - Math.floor(Math.log10(size));
  const fixed = value.toFixed(Math.min(Math.max(decimals, 0), mostDecimals));
  const [whole = '', part = ''] = fixed.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  const kept = keepsZeros ? part : part.replace(/0+$/, '');
  return kept === '' ? grouped : `${grouped}.${kept}`;
}

/** For the page. */
export const FORMAT_PARTS = [cssColour, formatValue, plainNumber];
