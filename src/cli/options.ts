/** What yargs lets through and bench does not: options given twice, numbers that are none. */

import { parseDuration } from '../core/duration.ts';
import { UsageError } from '../core/usage-error.ts';

/** Refuses a second value: which of them would count? */
export function once(name: string): (value: unknown) => unknown {
  return (value) => {
    if (Array.isArray(value)) throw new UsageError(`--${name} is given more than once`);
    if (value === '') throw new UsageError(`--${name} needs a value`);
    return value;
  };
}

/** A duration such as `90s` or `5m`, longer than nothing; microseconds. */
export function period(name: string): (value: unknown) => number | undefined {
  return (value) => {
    if (value === undefined) return undefined;
    const text = once(name)(value);
    const lengthUs = (typeof text === 'string' ? parseDuration(text) : undefined) ?? 0;
    if (lengthUs <= 0) throw new UsageError(`--${name} has to be a duration such as 90s or 5m`);
    return lengthUs;
  };
}

/** A whole number from 0 on. */
export function wholeNumber(name: string): (value: unknown) => number | undefined {
  return (value) => {
    if (value === undefined) return undefined;
    once(name)(value);
    const whole = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
    if (!whole) throw new UsageError(`--${name} has to be a whole number from 0 on`);
    return value;
  };
}

/** A number from 0 on. */
export function notNegative(name: string): (value: unknown) => number | undefined {
  return (value) => {
    if (value === undefined) return undefined;
    once(name)(value);
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
    throw new UsageError(`--${name} has to be a number from 0 on`);
  };
}

/** A number between 0 and 1, both left out. */
export function fraction(name: string): (value: unknown) => number | undefined {
  return (value) => {
    const number = notNegative(name)(value);
    if (number === undefined || (number > 0 && number < 1)) return number;
    throw new UsageError(`--${name} has to be between 0 and 1`);
  };
}
