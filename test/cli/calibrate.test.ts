/**
 * A twin from end to end: a run with constants of its own is measured, calibrated without them, and
 * what is simulated on the twin says so everywhere.
 */

import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { candidates } from '../../src/calibrate/mechanisms.ts';
import { openTarget } from '../../src/cli/target.ts';
import { parseDuration, toSeconds } from '../../src/core/duration.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { ROOT } from '../support/sources.ts';
import { cli, temporaryFolder } from './harness.ts';

const TINY = join(ROOT, 'test/support/tiny.yaml');
const folder = temporaryFolder();
const results = join(folder, 'results');
const twin = join(folder, 'twin.yaml');

const set = (...fields: readonly string[]) => fields.flatMap((field) => ['--set', field]);

/** Thirty boots in three waves, of which the last is held out. */
const SCENARIO = join(folder, 'boots.yaml');
const [head = '', , rest = ''] = readFileSync(TINY, 'utf8').split(/^ {2}- (?=clone:|deploy:)/m);
const MANY = [
  'steps.0.deploy.count=30',
  'steps.0.deploy.wave.size=10',
  'steps.1.boot.wave.size=10',
];

const TRUTH = {
  'api.watchDelay': 100,
  'kubelet.launcherTime': 6000,
  'virtHandler.qemuTime': 3000,
};

const HIDDEN = Object.entries(TRUTH).map(([path, ms]) => `simulation.${path}=${ms}ms`);

async function measure(id: string, fields: readonly string[], expected = 0) {
  const argv = ['run', SCENARIO, '--run-id', id, '--results', results, ...set(...MANY, ...fields)];
  expect((await cli(argv, { openTarget })).code).toBe(expected);
}

/** Of constants that the fit may leave alone. */
const DEFAULTS: Readonly<Record<string, string>> = { 'virtHandler.syncTime': '0.5s' };

interface Constant {
  readonly constant: string;
  readonly value: string;
  readonly tiedTo: readonly string[];
}

/** Nothing tells syncTime and qemuTime apart: what counts is what they take together. */
function domainSeconds(constants: readonly Constant[]): number {
  return ['virtHandler.qemuTime', 'virtHandler.syncTime']
    .map((path) => constants.find(({ constant }) => constant === path)?.value ?? DEFAULTS[path])
    .reduce((sum, value) => sum + toSeconds(parseDuration(value ?? '') ?? Number.NaN), 0);
}

let calibration: {
  readonly constants: readonly Constant[];
  readonly notIdentified: readonly { readonly constant: string; readonly why: string }[];
  readonly stages: readonly { readonly stage: string; readonly isReached: boolean }[];
  readonly heldOut: readonly { readonly stage: string }[];
};

beforeAll(async () => {
  const manifests = join(ROOT, 'scenarios/templates');
  const text = `${head}  - ${rest}`.replace('../../scenarios/templates', manifests);
  writeFileSync(SCENARIO, text);
  await measure('hidden', HIDDEN);
  const argv = ['calibrate', 'hidden', '--results', results, '--out', twin, '--json', '--report'];
  const { code, out } = await cli(argv, { openTarget });
  expect(code).toBe(0);
  calibration = JSON.parse(out);
});

describe('calibrate', () => {
  test('finds what the run was made with, having begun from the defaults', () => {
    const named = (path: string) => calibration.constants.find(({ constant }) => constant === path);
    const delayMs = Number.parseFloat(named('api.watchDelay')?.value ?? '');
    expect(Math.abs(delayMs - 100)).toBeLessThan(5);
    expect(Math.abs(domainSeconds(calibration.constants) / (3 + 0.5) - 1)).toBeLessThan(0.1);
  });

  test('every stage is reached, and waves that it did not see are predicted', () => {
    expect(calibration.stages.filter(({ isReached }) => !isReached)).toEqual([]);
    const predicted = calibration.heldOut.map(({ stage }) => stage);
    expect(predicted).toEqual(expect.arrayContaining(['clone', 'vmiRunning', 'guestReady']));
  });

  test('each calibrated constant is either fitted, or it is said why not', () => {
    const fitted = calibration.constants.map(({ constant }) => constant);
    const others = calibration.notIdentified.map(({ constant }) => constant);
    expect(new Set([...fitted, ...others]).size).toBe(fitted.length + others.length);
    const parsed = loadScenario(SCENARIO);
    if (!('scenario' in parsed)) throw new Error('the scenario is good enough to run');
    expect([...fitted, ...others].sort()).toEqual(
      [...candidates(parsed.scenario.simulation)].sort(),
    );
    expect(others).toContain('migration.bandwidth');
  });

  test('the page shows measured and twin over each other, and says that the twin is simulated', () => {
    const page = join(folder, 'reports/calibration/hidden');
    expect(readdirSync(page).sort()).toEqual([
      'index.html',
      'twin-distributions.png',
      'twin-stages.png',
      'twin-wave-profile.png',
    ]);
    const html = readFileSync(join(page, 'index.html'), 'utf8');
    expect(html).toContain('simulated, calibrated on run hidden of cluster article');
    expect(html).toContain('Waves that were held out were predicted within');
  });

  test('a constant that got slower since is blamed, and the exit code says so', async () => {
    const slower = { ...TRUTH, 'virtHandler.qemuTime': 4500 };
    await measure(
      'later',
      Object.entries(slower).map(([path, ms]) => `simulation.${path}=${ms}ms`),
    );
    const where = ['--results', results];
    const argv = ['calibrate', 'later', '--against', twin, '--no-report', ...where];
    const { code, out } = await cli(argv, { openTarget });
    expect({ code, out }).toEqual({
      code: 2,
      out: expect.stringMatching(/qemuTime\b.* 1\.\d+x as slow/),
    });
    expect(out).not.toMatch(/launcherTime\b.* [\d.]+x as slow/);
  });

  test('goes by what gaps and misses left, and says so', async () => {
    const trouble = [
      ...[
        'watches.cutAfter=90s',
        'watches.stall={every: 60s, for: 3s}',
        'guests.neverBoot=10%',
      ].map((each) => `simulation.faults.${each}`),
      'steps.1.boot.wave.timeout=3m',
    ];
    await measure('troubled', [...HIDDEN, ...trouble], 3);
    const argv = [
      'calibrate',
      'troubled',
      '--results',
      results,
      '--out',
      join(folder, 'gaps.yaml'),
    ];
    const { code, out } = await cli([...argv, '--no-holdout', '--no-report', '--json'], {
      openTarget,
    });
    expect(code).toBe(0);
    const { constants, invalid, stages } = JSON.parse(out);
    expect(invalid).toEqual([expect.stringContaining('troubled: ')]);
    const missing = stages.map((stage: { missing: number }) => stage.missing);
    expect(Math.max(...missing)).toBeGreaterThan(3);
    expect(Math.abs(domainSeconds(constants) / (3 + 0.5) - 1)).toBeLessThan(0.15);
  });

  test('refuses what holds too little, before it simulates anything', async () => {
    const few = ['run', TINY, '--run-id', 'few', '--results', results];
    await cli(few, { openTarget });
    const argv = ['calibrate', 'few', '--results', results, '--out', join(folder, 'few.yaml')];
    const { code, err } = await cli(argv, { openTarget: () => Promise.reject(new Error('no')) });
    expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining('at least one wave') });
    expect(existsSync(join(folder, 'few.yaml'))).toBe(false);
  });

  test('asks for an output before minutes are spent', async () => {
    const { code, err } = await cli(['calibrate', 'hidden', '--results', results]);
    expect({ code, err }).toEqual({ code: 64, err: expect.stringContaining('--out twin.yaml') });
  });
});

describe('--twin', () => {
  const SAYS = 'calibrated on run hidden of cluster article';

  test('the terminal, the page, the summary and exports say what was simulated', async () => {
    const where = ['--results', results, '--reports', join(folder, 'reports')];
    const argv = ['run', TINY, '--twin', twin, '--run-id', 'asked', ...where, '--report'];
    const { code, out } = await cli(argv, { openTarget });
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining(`SIMULATED, ${SAYS}`) });
    expect(out).toContain('Waves that were held out were predicted within');
    const page = readFileSync(join(folder, 'reports/tiny/asked/index.html'), 'utf8');
    expect(page).toContain(`simulated, ${SAYS}`);
    const summary = JSON.parse(readFileSync(join(results, 'tiny/asked/summary.json'), 'utf8'));
    expect(summary.simulation.twin).toMatchObject({ runs: ['hidden'], cluster: 'article' });
    const exported = ['export', 'asked', '--results', results, '--format', 'openmetrics'];
    expect((await cli(exported)).out).toContain('calibrated_on="hidden of article"');
  });

  test('a capacity says so too, on paper and to machines', async () => {
    const argv = ['capacity', TINY, '--twin', twin];
    const { out } = await cli(argv, { openTarget });
    expect(out.replaceAll(/\s+/g, ' ')).toContain(`of the simulated cluster (${SAYS})`);
    const { out: json } = await cli([...argv, '--json'], { openTarget });
    expect(JSON.parse(json).twin).toEqual({ runs: ['hidden'], cluster: 'article' });
  });

  test('what the user sets counts more than the twin', async () => {
    const own = set('simulation.kubelet.launcherTime=50s');
    const argv = ['run', TINY, '--twin', twin, ...own, '--run-id', 'own', '--results', results];
    await cli(argv, { openTarget });
    const manifest = JSON.parse(readFileSync(join(results, 'tiny/own/manifest.json'), 'utf8'));
    expect(manifest.environment.facts['simulation.kubelet.launcherTime']).toBe('50s');
    expect(manifest.environment.name).toBe('twin-of-article');
  });

  test('a file that is no twin is refused by name', async () => {
    const other = join(folder, 'other.yaml');
    copyFileSync(TINY, other);
    const { code, err } = await cli(['run', TINY, '--twin', other, '--results', results]);
    expect({ code, err }).toEqual({ code: 64, err: expect.stringContaining('is no twin') });
    writeFileSync(other, readFileSync(twin, 'utf8').replace('watchDelay:', 'watchDelays:'));
    const misspelt = await cli(['run', TINY, '--twin', other, '--results', results]);
    expect(misspelt.err).toMatch(/other\.yaml:\d+:\d+ simulation\.api\.watchDelays/);
  });

  test('a real cluster is not simulated', async () => {
    const { code, err } = await cli(['run', TINY, '--twin', twin, '--context', 'prod']);
    expect({ code, err }).toEqual({ code: 64, err: expect.stringContaining('leave out') });
  });
});
