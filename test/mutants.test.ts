import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PLACES } from './programs/mutants.ts';

const ROOT = join(import.meta.dirname, '..');

/** The faults themselves are made by `npm run mutate`, which takes an hour. */
describe('the planted faults', () => {
  it.each(PLACES.map((place) => [place.theme, place.file, place] as const))(
    '%s: each stands once in src/%s',
    (_theme, file, { faults }) => {
      const text = readFileSync(join(ROOT, 'src', file), 'utf8');
      const misplaced = faults.filter(([from]) => text.split(from).length !== 2);
      expect(misplaced).toEqual([]);
    },
  );

  it('are each made where tests are named that exist', () => {
    const named = new Set(PLACES.flatMap(({ tests }) => tests));
    const missing = [...named].filter((test) => !existsSync(join(ROOT, 'test', test)));
    expect(missing).toEqual([]);
  });

  it('are each made once, and change something', () => {
    const faults = PLACES.flatMap(({ file, faults: all }) =>
      all.map(([from, to]) => JSON.stringify([file, from, to])),
    );
    expect(new Set(faults).size).toBe(faults.length);
    const idle = PLACES.flatMap(({ faults: all }) => all.filter(([from, to]) => from === to));
    expect(idle).toEqual([]);
  });
});
