import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nightText, parseNight } from '../../../src/compare/history/night-text.ts';
import { appendNight, nightFile, readHistory } from '../../../src/compare/history/store.ts';
import { night, parseStartVersion } from '../../support/nights.ts';

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'bench-history-'));
}

function runs(path: string): readonly string[] {
  return readHistory(path).nights.map((stored) => stored.night.run);
}

describe('a history', () => {
  test('that does not exist is empty, and not created by looking at it', () => {
    const path = join(folder(), 'none');
    expect(readHistory(path)).toEqual({ exists: false, nights: [], problems: [] });
    expect(() => readdirSync(path)).toThrow();
  });

  test('gives back what was added, in order of the nights', () => {
    const path = folder();
    for (const index of [3, 1, 2]) {
      expect(appendNight(path, night({ index })).kind).toBe('added');
    }
    const { nights, problems } = readHistory(path);
    expect(nights.map((stored) => stored.night)).toEqual(
      [1, 2, 3].map((index) => night({ index })),
    );
    expect(problems).toEqual([]);
  });

  test('keeps series apart in folders that people can read', () => {
    expect(nightFile(night({ index: 0 }))).toMatch(
      /^nightly-hash-of-\/lab-[0-9a-f]{8}\/20260921T\d{6}Z-night-0\.json$/,
    );
    expect(nightFile(night({ index: 0, environment: '../x y', run: '../../etc' }))).toMatch(
      /^nightly-hash-of-\/x-y-[0-9a-f]{8}\/\w+-etc\.json$/,
    );
  });

  test('never changes a night that is there', () => {
    const path = folder();
    const first = night({ index: 1, boot: 30 });
    expect(appendNight(path, first).kind).toBe('added');
    expect(appendNight(path, night({ index: 1, boot: 99 })).kind).toBe('present');
    expect(readHistory(path).nights[0]?.night).toEqual(first);
  });

  test('leaves nothing behind but whole nights', () => {
    const path = folder();
    appendNight(path, night({ index: 1 }));
    appendNight(path, night({ index: 1 }));
    const files = readdirSync(path, { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => file.endsWith('.json'))).toHaveLength(1);
    expect(files.filter((file) => file.includes('.adding-'))).toEqual([]);
  });

  test('does without what a crashed writer left', () => {
    const path = folder();
    appendNight(path, night({ index: 1 }));
    const dead = join(path, 'nightly-hash-of-', '.adding-x1');
    mkdirSync(dead, { recursive: true });
    writeFileSync(join(dead, 'night.json'), '{"schema"');
    expect(readHistory(path)).toMatchObject({ nights: [{}], problems: [] });
  });

  test('that is a file is told apart from one that can be written', () => {
    const path = join(folder(), 'file');
    writeFileSync(path, '');
    expect(appendNight(path, night({ index: 1 })).kind).toBe('unwritable');
  });

  test('tells of files that are no nights, and goes on', () => {
    const path = folder();
    appendNight(path, night({ index: 1 }));
    const text = nightText(night({ index: 2 }));
    const broken = {
      'a-torn.json': text.slice(0, 300),
      'b-empty.json': '',
      'c-list.json': '[]',
      'd-newer.json': text.replace('bench/night/v1', 'bench/night/v9'),
      'e-null.json': text.replace(/"value":\s*30/, '"value": null'),
      'f-time.json': text.replace(/"started": "[^"]*"/, '"started": "yesterday"'),
    };
    for (const [name, content] of Object.entries(broken)) writeFileSync(join(path, name), content);
    writeFileSync(join(path, 'README.md'), 'not looked at');
    const { nights, problems } = readHistory(path);
    expect(nights).toHaveLength(1);
    expect(problems.map(({ file, message }) => `${file} ${message}`)).toEqual([
      expect.stringContaining('a-torn.json is no JSON'),
      expect.stringContaining('b-empty.json is no JSON'),
      'c-list.json is no JSON object',
      'd-newer.json has the schema bench/night/v9; this bench reads bench/night/v1',
      expect.stringContaining('e-null.json is no night: metrics.0.mean.value'),
      'f-time.json is no night: started: is no time',
    ]);
  });

  test('counts one run once, wherever copies of its file lie', () => {
    const path = folder();
    appendNight(path, night({ index: 1 }));
    writeFileSync(join(path, 'copy.json'), nightText(night({ index: 1 })));
    const { nights, problems } = readHistory(path);
    expect(nights).toHaveLength(1);
    expect(problems[0]?.message).toContain('same run');
  });

  test('takes nights that started in one second in the order of their fractions', () => {
    const path = folder();
    const start = parseStartVersion(0).slice(0, 19);
    const at = (run: string, fraction: string) =>
      night({ index: 0, run, started: `${start}${fraction}Z` });
    for (const each of [at('c', '.9'), at('a', ''), at('b', '.000010')]) appendNight(path, each);
    expect(runs(path)).toEqual(['a', 'b', 'c']);
  });
});

describe('the text of a night', () => {
  test('has a line for each figure, and reads back the same', () => {
    const one = night({ index: 4 });
    const text = nightText(one);
    expect(text.split('\n').filter((line) => line.includes('"guestReady"'))).toHaveLength(2);
    expect(parseNight(text)).toEqual({ kind: 'night', night: one });
  });

  test('of an older schema is upgraded, step by step', () => {
    const { schema: _, scenarioHash, ...rest } = night({ index: 4 });
    const old = { schema: 'bench/night/test-1', ...rest, hash: scenarioHash };
    const upgrades = {
      'bench/night/test-1': ({ hash, ...kept }: Readonly<Record<string, unknown>>) => ({
        ...kept,
        schema: 'bench/night/test-2',
        scenarioHash: hash,
      }),
      'bench/night/test-2': (kept: Readonly<Record<string, unknown>>) => ({
        ...kept,
        schema: 'bench/night/v1',
      }),
    };
    const text = JSON.stringify(old);
    expect(parseNight(text, upgrades)).toEqual({ kind: 'night', night: night({ index: 4 }) });
    expect(parseNight(text)).toMatchObject({ kind: 'broken' });
  });
});
