/** What yargs lets through and bench does not: options given twice, numbers that are none. */

import { UsageError } from './session.ts';

/** Refuses a second value: which of them would count? */
export function once(name: string): (value: unknown) => unknown {
  return (value) => {
    if (Array.isArray(value)) throw new UsageError(`--${name} is given more than once`);
    if (value === '') throw new UsageError(`--${name} needs a value`);
    return value;
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
