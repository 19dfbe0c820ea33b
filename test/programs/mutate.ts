/**
 * `npm run mutate [PART OF A PATH OR THEME]`: makes each fault of mutants.ts in a copy of the
 * project and runs the tests that have to notice. Prints those that survive and the share that was
 * killed; exits with 1 below 95 %. A text that is not in its source, a fault that does not parse
 * and tests that fail without any fault are errors: each of them would look like a success.
 */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Place, PLACES } from './mutants.ts';

const LEAST_KILLED = 0.95;
const ROOT = resolve(import.meta.dirname, '../../../..');

interface Mutant extends Pick<Place, 'theme' | 'file' | 'tests'> {
  readonly from: string;
  readonly to: string;
}

const asked = process.argv[2] ?? '';
const mutants = PLACES.flatMap(({ faults, ...place }) =>
  faults.map(([from, to]): Mutant => ({ ...place, from, to })),
).filter(({ theme, file }) => theme.includes(asked) || file.includes(asked));

for (const { file, from } of mutants) {
  const times = read(file).split(from).length - 1;
  if (times !== 1) giveUp(`src/${file} has this ${times} times, not once: ${from}`);
}
if (mutants.length === 0) giveUp(`no theme and no path contains ${asked}`);

const copy = makeCopy();
process.exitCode = run();
rmSync(copy, { recursive: true });

function run(): number {
  const sound = new Set<string>();
  const survivors = mutants.filter((mutant, i) => {
    const name = mutant.tests.join(' ');
    if (!sound.has(name) && !passes(mutant.tests)) giveUp(`fails without any fault: ${name}`);
    sound.add(name);
    const survives = isOverlooked(mutant);
    print(`${i + 1}/${mutants.length} ${survives ? 'SURVIVED' : 'killed'} ${describe(mutant)}`);
    return survives;
  });
  const killed = mutants.length - survivors.length;
  const rate = killed / mutants.length;
  for (const survivor of survivors) print(`survived: ${describe(survivor)}`);
  print(`${killed} of ${mutants.length} mutants killed: ${(100 * rate).toFixed(1)} %`);
  return rate < LEAST_KILLED ? 1 : 0;
}

function isOverlooked({ file, from, to, tests }: Mutant): boolean {
  const path = join(copy, 'src', file);
  // Not of the checkout, which somebody may be working on.
  const text = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
  try {
    return passes(tests);
  } finally {
    writeFileSync(path, text);
  }
}

function passes(tests: readonly string[]): boolean {
  const vitest = join(copy, 'node_modules/vitest/vitest.mjs');
  const options = ['run', '--bail=1', '--maxWorkers=1', '--reporter=dot'];
  // A fault may also keep a test from ending: that is noticed by its time-out, or by ours.
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [vitest, ...options, ...tests.map((test) => `test/${test}`)],
    { cwd: copy, encoding: 'utf8', timeout: 600_000 },
  );
  if (/No test files|Transform failed|PARSE_ERROR|SyntaxError/.test(stdout + stderr)) {
    giveUp(`cannot be run: ${tests.join(' ')}\n${stderr}`);
  }
  return status === 0;
}

function makeCopy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bench-mutate-'));
  for (const name of ['src', 'test', 'scenarios', 'package.json', 'build.js', 'vitest.config.ts']) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  for (const name of ['node_modules', 'dist', 'packages', 'deploy']) {
    symlinkSync(join(ROOT, name), join(folder, name));
  }
  return folder;
}

function read(file: string): string {
  return readFileSync(join(ROOT, 'src', file), 'utf8');
}

function describe({ theme, file, from, to }: Mutant): string {
  const show = (text: string) => text.trim().replaceAll(/\s+/g, ' ');
  return `${theme}: src/${file}: ${show(from)} -> ${to.trim() === '' ? '(nothing)' : show(to)}`;
}

function giveUp(message: string): never {
  print(message);
  process.exit(1);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
