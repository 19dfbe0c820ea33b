import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/usage-error.ts';
import { GROUP_SCHEMA, readGroup, type RunGroup, writeGroup } from '../../src/record/group.ts';

const GROUP: RunGroup = {
  schema: GROUP_SCHEMA,
  id: 'night-1',
  scenario: 'tiny',
  question: 'abc',
  study: { seed: 3 },
  runs: [{ run: 'p1-r1', set: { 'steps.0.clone.count': '2' }, repeat: 1, done: true }],
};

describe('the index of a group', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-group-'));

  it('is read as it was written, and absent where there is none', () => {
    writeGroup(folder, GROUP);
    expect(readGroup(folder)).toEqual(GROUP);
    const path = join(folder, 'group.json');
    writeFileSync(path, `\ufeff${readFileSync(path, 'utf8')}`);
    expect(readGroup(folder)).toEqual(GROUP);
    mkdirSync(join(folder, 'empty'));
    expect(readGroup(join(folder, 'empty'))).toBeUndefined();
  });

  it.each([
    [
      'a run that leads elsewhere',
      { runs: [{ ...GROUP.runs[0], run: '../../x' }] },
      /runs\.0\.run/,
    ],
    ['an id that leads elsewhere', { id: '../../../reports' }, /id/],
    ['a run that is no text', { runs: [{ ...GROUP.runs[0], run: 0.5 }] }, /runs\.0\.run/],
    ['what was set as a number', { runs: [{ ...GROUP.runs[0], set: { a: 1 } }] }, /set\.a/],
    ['no list of runs', { runs: {} }, /runs/],
  ])('is refused in words: %s', (_, damage, words) => {
    writeFileSync(join(folder, 'group.json'), JSON.stringify({ ...GROUP, ...damage }));
    expect(() => readGroup(folder)).toThrow(UsageError);
    expect(() => readGroup(folder)).toThrow(words);
  });

  it('is refused in words where it is cut off', () => {
    writeFileSync(join(folder, 'group.json'), JSON.stringify(GROUP).slice(0, 40));
    expect(() => readGroup(folder)).toThrow(/group\.json is damaged/);
  });
});
