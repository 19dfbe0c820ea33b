/** validate, schema and plan: what they print where, and their exit codes. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openTarget } from '../../src/cli/target.ts';
import { cli, temporaryFolder } from './harness.ts';

/** A scenario file with this text. */
function fileWith(text: string): string {
  const file = join(temporaryFolder(), 's.yaml');
  writeFileSync(file, text);
  return file;
}

const BAD = `name: demo
storage: { class: rbd }
steps:
  - pause: soon
`;

test('validate: every shipped scenario is ok', async () => {
  const names = ['smoke', '10k-mixed', 'two-disk', 'boot-rhel9', 'boot-windows11'];
  const files = names.map((name) => `scenarios/${name}.yaml`);
  const { code, out } = await cli(['validate', ...files]);
  expect(out).toBe(files.map((file) => `${file}: ok\n`).join(''));
  expect(code).toBe(0);
});

test('validate: problems with line and column, exit 64, the good file beside it is ok', async () => {
  const file = fileWith(BAD);
  const { code, out } = await cli(['validate', file, 'scenarios/smoke.yaml']);
  expect(out).toContain(`${file}:4:12 steps.0.pause: `);
  expect(out).toContain('scenarios/smoke.yaml: ok\n');
  expect(code).toBe(64);
});

test('validate --json: problems as data', async () => {
  const { code, out } = await cli(['validate', fileWith(BAD), '--json']);
  expect(JSON.parse(out)).toMatchObject({
    schema: 'bench/problems/v1',
    valid: false,
    problems: [{ line: 4, column: 12, path: 'steps.0.pause' }],
  });
  expect(code).toBe(64);
});

test('validate --set: an override can be the problem', async () => {
  const set = 'steps.0.clone.count=0';
  const { code, out } = await cli(['validate', '--set', set, 'scenarios/smoke.yaml']);
  expect(out).toContain(`--set ${set} steps.0.clone.count: is 0, less than 1`);
  expect(code).toBe(64);
});

test('schema: JSON on stdout', async () => {
  const { code, out } = await cli(['schema']);
  expect(JSON.parse(out)).toHaveProperty('$schema', 'https://json-schema.org/draft/2020-12/schema');
  expect(code).toBe(0);
});

test('plan: steps, intended starts, objects by kind, storage', async () => {
  const { code, out } = await cli(['plan', 'scenarios/smoke.yaml', '--run-id', 'r1']);
  await expect(out).toMatchFileSnapshot('../golden/plan/smoke-page.txt');
  expect(out).toContain('31 DataVolume, 31 PersistentVolumeClaim, 1 VolumeSnapshot, 10 Virtual');
  expect(code).toBe(0);
});

test.each([
  ['plan', '10k-mixed'],
  ['capacity', 'smoke'],
])('%s: fits a narrow terminal', async (command, scenario) => {
  const { out } = await cli([command, scenario], { columns: 60, openTarget });
  expect(out).toContain(scenario);
  expect(out.split('\n').filter((line) => line.length > 60)).toEqual([]);
});

test('plan --set: the numbers change', async () => {
  const set = ['--set', 'steps.0.clone.count=200', '--set', 'steps.0.clone.wave.size=50'];
  const { out } = await cli(['plan', 'scenarios/smoke.yaml', ...set, '--json']);
  const summary = JSON.parse(out) as { objects: object; steps: { waves: unknown[] }[] };
  expect(summary.objects).toMatchObject({ DataVolume: 1 + 400 + 10 });
  expect(summary.steps[2]?.waves).toHaveLength(8);
});

test('plan --operations: each operation with its intended start', async () => {
  const { out } = await cli(['plan', 'scenarios/smoke.yaml', '--run-id', 'r1', '--operations']);
  expect(out).toContain('\n3  wave 2.0  +0.40s  create DataVolume bench-r1/rhel9-from-pvc-2\n');
});

test('plan of a bad scenario: problems on stderr, exit 64, nothing on stdout', async () => {
  const { code, out, err } = await cli(['plan', fileWith(BAD)]);
  expect(out).toBe('');
  expect(err).toContain('s.yaml:4:12 steps.0.pause');
  expect(code).toBe(64);
});

test.each([
  ['plan', 'scenarios/none.yaml'],
  ['plan', 'scenarios/smoke.yaml', '--run-id', 'a b'],
  ['plan'],
  ['validate'],
])('bad usage: bench %s %s %s %s', async (...argv) => {
  const { code } = await cli(argv.filter((argument) => argument !== undefined));
  expect(code).toBe(64);
});
