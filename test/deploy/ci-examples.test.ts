/** The shell of the CI examples, played against a repository on this machine. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { appendNight, readHistory } from '../../src/compare/history/store.ts';
import { cli } from '../cli/harness.ts';
import { night } from '../support/nights.ts';
import { ROOT } from '../support/sources.ts';

interface Step {
  readonly name?: string;
  readonly run?: string;
}

function example(file: string) {
  return parse(readFileSync(`${ROOT}/deploy/ci-examples/${file}`, 'utf8'));
}

/** A bare repository with one commit, and clones of it as CI makes them. */
function lab() {
  const root = mkdtempSync(join(tmpdir(), 'bench-ci-'));
  const env = {
    PATH: process.env['PATH'],
    HOME: root,
    GIT_CONFIG_NOSYSTEM: '1',
    GITHUB_RUN_NUMBER: '7',
    CI_PIPELINE_IID: '7',
  };
  const origin = join(root, 'origin.git');
  const shell = (script: string, cwd: string, more: Readonly<Record<string, string>> = {}) =>
    execFileSync('bash', ['-e', '-c', script], { cwd, env: { ...env, ...more }, stdio: 'pipe' });
  shell(
    `git init -q -b main seed && cd seed && git config user.name a && git config user.email a@b
     echo x > README.md && git add . && git commit -q -m first
     git clone -q --bare . ${origin}`,
    root,
  );
  let clones = 0;
  const checkout = () => {
    const path = join(root, `clone-${++clones}`);
    shell(`git clone -q --depth 1 file://${origin} ${path}`, root);
    return path;
  };
  const nights = () => {
    const path = join(root, `look-${++clones}`);
    shell(`git clone -q --branch bench-nights file://${origin} ${path}`, root);
    return readHistory(path).nights.map((stored) => stored.night.run);
  };
  return { origin, shell, checkout, nights };
}

describe('the GitHub workflow', () => {
  const steps = example('github.yml').jobs.bench.steps as readonly Step[];
  const scriptOf = (name: string) => steps.find((step) => step.name === name)?.run ?? 'exit 9';
  const fetch = scriptOf('Fetch the history');
  const keep = scriptOf('Keep the night');

  test('keeps the nights in a branch, also when two jobs push at the same time', () => {
    const { shell, checkout, nights } = lab();
    const [first, second, third] = [checkout(), checkout(), checkout()];
    shell(fetch, first);
    appendNight(join(first, 'nights'), night({ index: 0 }));
    shell(keep, first);
    expect(nights()).toEqual(['night-0']);
    shell(fetch, second);
    shell(fetch, third);
    appendNight(join(second, 'nights'), night({ index: 1 }));
    appendNight(join(third, 'nights'), night({ index: 2 }));
    shell(keep, second);
    shell(keep, third);
    expect(nights()).toEqual(['night-0', 'night-1', 'night-2']);
    // A night without a verdict adds nothing, and is no failure.
    shell(keep, third);
  });

  test('gives bench arguments that it takes', async () => {
    const words = scriptOf('Run and judge').trim().split(/\s+/).slice(2);
    const argv = words.map((word) => word.replace('"$SCENARIO"', 'nowhere.yaml'));
    const numbered = argv.map((word) => word.replace('"$GITHUB_RUN_NUMBER"', '7'));
    const { code, err } = await cli(inFolder(numbered));
    expect({ code, err }).toMatchObject({ code: 64, err: expect.stringMatching(/nowhere\.yaml/) });
  });
});

describe('the GitLab job', () => {
  const job = example('gitlab.yml')['nightly-bench'];
  const last = <T>(list: readonly T[]): T => list.at(-1) as T;

  test('keeps the nights in a branch', () => {
    const { origin, shell, checkout, nights } = lab();
    const url = { HISTORY_URL: `file://${origin}` };
    for (const index of [0, 1]) {
      const path = checkout();
      shell((job.before_script as readonly string[]).slice(1).join('\n'), path, url);
      appendNight(join(path, 'nights'), night({ index }));
      shell(last(job.after_script as readonly string[]), path, url);
    }
    expect(nights()).toEqual(['night-0', 'night-1']);
  });

  test('gives bench arguments that it takes', async () => {
    const words = last(job.script as readonly string[])
      .trim()
      .split(/\s+/)
      .slice(2);
    const argv = words
      .map((word) => word.replace('"$SCENARIO"', 'nowhere.yaml'))
      .map((word) => word.replace('"$CI_PIPELINE_IID"', '7'));
    const { code, err } = await cli(inFolder(argv));
    expect({ code, err }).toMatchObject({ code: 64, err: expect.stringMatching(/nowhere\.yaml/) });
  });
});

/** The same arguments, with their folders out of the way. */
function inFolder(argv: readonly string[]): readonly string[] {
  const root = mkdtempSync(join(tmpdir(), 'bench-ci-run-'));
  mkdirSync(join(root, 'nights'));
  writeFileSync(join(root, 'nights', '.keep'), '');
  return argv.map((word) => (word === 'nights' ? join(root, word) : word));
}
