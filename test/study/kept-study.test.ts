/** A study in a bucket: made by pods whose disks go with them, merged by whoever can read it. */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTarget } from '../../src/cli/target.ts';
import type { StudySummary } from '../../src/compare/study-summary.ts';
import { cli, temporaryFolder } from '../cli/harness.ts';
import { KEYS, type S3Server, startS3 } from '../support/s3-server.ts';
import { ROOT } from '../support/sources.ts';

const STUDY = `
name: kept
scenario: ${join(ROOT, 'test/support/tiny.yaml')}
targets: [{ name: a, embedded: true }, { name: b, embedded: true }]
`;

const folder = temporaryFolder();
const file = join(folder, 'study.yaml');
const ADDRESS = 's3://results/nights';
const PLACE = 'results/nights/tiny/kept';

let s3: S3Server;
let pods = 0;

/** A pod with an empty disk. */
function pod(index: number, ...more: readonly string[]) {
  const results = join(folder, `pod-${pods++}`, 'results');
  const asked = ['study', 'point', file, '--index', String(index), '--results', results];
  return cli([...asked, '--bucket', ADDRESS, '--no-report', ...more], {
    openTarget,
    env: s3.env(),
  });
}

const home = (name: string, address = ADDRESS) =>
  cli(['study', 'merge', address, '--json', '--results', join(folder, name)], { env: s3.env() });

const keys = () => [...s3.objects.keys()].map((key) => key.slice(PLACE.length + 1)).sort();

beforeAll(async () => {
  writeFileSync(file, STUDY);
  // The clock of commands in tests stands still there.
  s3 = await startS3({ pageSize: 5, nowMs: () => 1_717_200_000_000 });
});
afterAll(() => s3.close());

describe('a study in a bucket', () => {
  test('is merged by the pod that ends last', async () => {
    for (const index of [1]) {
      const { code, err } = await pod(index, '--merge');
      expect(err).not.toContain('fetched');
      expect(code).toBe(0);
    }
    expect(keys()).not.toContain('study.json');
    const { code, out, err } = await pod(0, '--merge');
    expect(err).toContain(`answer: ${ADDRESS}/tiny/kept/study.json`);
    expect(out).toContain('kept');
    expect(code).toBe(0);
    expect(keys()).toEqual(expect.arrayContaining(['study.json', 'study.csv']));
  });

  test('has the files of each run, a marker beside it, and nothing else', () => {
    const ofRun = ['history.ndjson', 'manifest.json', 'samples.csv', 'summary.json', 'waves.csv'];
    const runs = ['a-p1-r1', 'b-p1-r1'];
    const there = keys().filter((key) => !/^(study\.|group)/.test(key));
    const wanted = runs.flatMap((run) => [
      ...ofRun.map((each) => `${run}/${each}`),
      `${run}.made.json`,
    ]);
    expect(there).toEqual(wanted.sort());
  });

  test('holds no secrets', () => {
    const all = Buffer.concat([...s3.objects.values()].map(({ data }) => data)).toString();
    for (const secret of Object.values(KEYS)) expect(all).not.toContain(secret);
  });

  test('has the figures of the same study made here', async () => {
    const { code, out } = await home('home');
    expect(code).toBe(0);
    const here = join(folder, 'here');
    await cli(['study', file, '--results', here], { openTarget });
    expect(out).toBe(readFileSync(join(here, 'tiny/kept/study.json'), 'utf8'));
    const again = await home('home');
    expect(again.err).toContain('study: 0 files fetched');
    expect(again.out).toBe(out);
    expect((await home('direct', `${ADDRESS}/tiny/kept`)).out).toBe(out);
  });

  test('is not made again where it is made; what has no marker is', async () => {
    const puts = () => s3.requests.filter((each) => each.startsWith('PUT')).length;
    const before = puts();
    expect((await pod(0)).code).toBe(0);
    expect(puts()).toBe(before);
    s3.objects.delete(`${PLACE}/a-p1-r1.made.json`);
    s3.objects.delete(`${PLACE}/a-p1-r1/summary.json`);
    const half = await home('half');
    expect(half.code).toBe(5);
    expect(half.err).toContain('1 of 2 runs are missing');
    expect((await pod(0)).code).toBe(0);
    expect((await home('half')).out).toBe(
      readFileSync(join(folder, 'home/tiny/kept/study.json'), 'utf8'),
    );
  });
});

describe('what somebody else has put there', () => {
  const damaged = async (name: string, key: string, change: (text: string) => string) => {
    const whole = s3.objects.get(`${PLACE}/${key}`);
    const text = whole?.data.toString() ?? '';
    const other = { etag: '"x"', writtenMs: 0, data: Buffer.from(change(text)) };
    s3.objects.set(`${PLACE}/${key}`, other);
    const result = await home(name);
    if (whole) s3.objects.set(`${PLACE}/${key}`, whole);
    expect(result.code).toBe(64);
    return result.err;
  };

  test('leads no file out of the folder', async () => {
    const out = (text: string) => text.replace('history.ndjson', '../../../../escaped');
    expect(await damaged('out', 'b-p1-r1.made.json', out)).toContain(
      'b-p1-r1.made.json is damaged',
    );
    const group = (text: string) => text.replace('b-p1-r1', '../../escaped');
    expect(await damaged('out', 'group.json', group)).toContain('group.json is damaged');
    const names = readdirSync(folder, { recursive: true }).map(String);
    expect(names.filter((name) => name.includes('escaped'))).toEqual([]);
  });

  test('is no part of a run that was made', async () => {
    const cut = (text: string) => text.slice(0, -1);
    expect(await damaged('torn', 'b-p1-r1/history.ndjson', cut)).toContain('other bytes');
    const names = readdirSync(join(folder, 'torn'), { recursive: true }).map(String);
    expect(names.filter((name) => /b-p1-r1\/history|\.new$/.test(name))).toEqual([]);
  });

  test('is refused where a run of the same name is here already', async () => {
    const place = join(folder, 'mine/tiny/kept/a-p1-r1');
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'history.ndjson'), 'mine\n');
    const { code, err } = await home('mine');
    expect(code).toBe(64);
    expect(err).toContain('two runs of one place');
    expect(readFileSync(join(place, 'history.ndjson'), 'utf8')).toBe('mine\n');
  });

  test('is another study, and left alone', async () => {
    const key = `${PLACE}/group.json`;
    const whole = s3.objects.get(key);
    const text = whole?.data.toString().replace(/"question": "./, '"question": "x') ?? '';
    s3.objects.set(key, { etag: '"x"', writtenMs: 0, data: Buffer.from(text) });
    const { code, err } = await pod(0);
    if (whole) s3.objects.set(key, whole);
    expect(code).toBe(64);
    expect(err).toContain('is there and is another study');
  });
});

describe('a bucket that cannot be had', () => {
  test('is told, with the code of what the user can mend', async () => {
    s3.fault = () => ({ status: 403, body: '<Error><Code>AccessDenied</Code></Error>' });
    const { code, err } = await pod(0);
    s3.fault = () => undefined;
    expect(code).toBe(64);
    expect(err).toContain('needs s3:ListBucket');
  });

  test('has no credentials, or no study', async () => {
    const none = await cli(['study', 'merge', ADDRESS], {});
    expect(none.code).toBe(64);
    expect(none.err).toContain('AWS_ACCESS_KEY_ID');
    const empty = await home('empty', 's3://results/elsewhere');
    expect(empty.err).toContain('there is no study at s3://results/elsewhere');
    const both = await cli(['study', 'merge', ADDRESS, folder], { env: s3.env() });
    expect(both.err).toContain('name one address');
  });
});

test('the answer there is one that a study has', () => {
  const text = s3.objects.get(`${PLACE}/study.json`)?.data.toString() ?? '';
  expect((JSON.parse(text) as StudySummary).points).toHaveLength(2);
});
