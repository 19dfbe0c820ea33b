/** That `npm run fuzz` works, by a few inputs of what is cheap to prepare. */

import { expect, test } from 'vitest';
import { fuzzOne, prepareFuzz } from './support/fuzz/fuzz.ts';

const INPUTS = 12;

test.each(['template', 'study', 'series', 'state', 'http'] as const)(
  'a damaged %s is refused in words',
  async (kind) => {
    const fuzz = await prepareFuzz(kind);
    const faults: (string | undefined)[] = [];
    for (let at = 0; at < INPUTS; at++) faults.push(await fuzzOne(fuzz, `1/${kind}/${at}`));
    await fuzz.close();
    expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
  },
);
