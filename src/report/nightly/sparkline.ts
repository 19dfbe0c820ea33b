/**
 * A series in a line of block characters. Heights run from the least to the greatest value shown,
 * not from zero, so that a change of some per cent can be seen at all; a gap is a night without a
 * value.
 */

const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

const GAP = '·';

/** Less of a spread than this share of the level is drawn flat: it is noise. */
const FLAT = 0.02;

/** The newest `width` values, oldest first; null is a gap. */
export function sparkline(values: readonly (number | null)[], width = 30): string {
  const shown = values.slice(-width);
  const known = shown.filter((value) => value !== null);
  if (known.length === 0) return GAP.repeat(shown.length);
  const least = Math.min(...known);
  const most = Math.max(...known);
  const isFlat = most - least <= FLAT * Math.abs(most);
  return shown.map((value) => block(value, least, most, isFlat)).join('');
}

function block(value: number | null, least: number, most: number, isFlat: boolean): string {
  if (value === null) return GAP;
  if (isFlat) return BLOCKS[2];
  const height = Math.floor(((value - least) / (most - least)) * BLOCKS.length);
  return BLOCKS[Math.min(height, BLOCKS.length - 1)] ?? GAP;
}
