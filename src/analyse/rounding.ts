/** Figures as they are published: a microsecond is the finest that anything was measured in. */

/** The same value with each number in it rounded to six places after the point. */
export function rounded<T>(value: T): T {
  return roundedUnknown(value) as T;
}

const STEPS_PER_UNIT = 1e6;

function roundedUnknown(value: unknown): unknown {
  if (typeof value === 'number') return Math.round(value * STEPS_PER_UNIT) / STEPS_PER_UNIT;
  if (Array.isArray(value)) return value.map(roundedUnknown);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, roundedUnknown(one)]));
}
