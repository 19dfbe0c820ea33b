/** A scenario by its name, and what a Node that is too old is told. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { findScenario } from '../../src/cli/shipped-scenarios.ts';
import { ROOT } from '../support/sources.ts';
import { cli } from './harness.ts';

test('a bare word is a scenario that comes with bench', () => {
  expect(findScenario('smoke')).toBe(join(ROOT, 'scenarios/smoke.yaml'));
});

test('what looks like a file is left to the file system', () => {
  for (const name of ['smoke.yaml', './smoke', 'scenarios/none.yaml']) {
    expect(findScenario(name)).toBe(name);
  }
});

test('a file of the user goes before a shipped scenario', () => {
  // The working folder of tests is the project's own, which has a folder `scenarios`.
  expect(findScenario('package.json')).toBe('package.json');
  expect(findScenario('scenarios')).toBe('scenarios');
});

test('an unknown name is refused with the names that there are', async () => {
  const { code, err } = await cli(['plan', 'smoke-and-mirrors']);
  expect(code).toBe(64);
  expect(err).toContain('10k-mixed');
  expect(err).toContain('smoke');
});

test('plan, validate and preflight take names, too', async () => {
  expect((await cli(['plan', 'smoke'])).code).toBe(0);
  expect((await cli(['validate', 'smoke', '10k-mixed'])).code).toBe(0);
});

test('an old Node is told so in a sentence, whatever it can parse', () => {
  const launcher = readFileSync(join(ROOT, 'src/launch.cjs'), 'utf8');
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(`>=${/LEAST = \[(\d+), (\d+)\]/.exec(launcher)?.slice(1).join('.')}`).toBe(engines.node);
  const said: string[] = [];
  const process = {
    versions: { node: '14.21.3' },
    version: 'v14.21.3',
    exitCode: 0,
    execPath: 'x',
  };
  const console = { error: (line: string) => said.push(line) };
  const require = createRequire(import.meta.url);
  runInNewContext(launcher.replace(/^#!.*/, ''), { process, console, require });
  expect(said).toEqual([expect.stringContaining('Node 20.19 or newer is needed')]);
  expect(process.exitCode).toBe(64);
});
