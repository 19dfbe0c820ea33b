/**
 * How often does `bench compare` find a difference where there is none? Runs of the nightly
 * scenario on the embedded cluster that differ in nothing but their seeds, each against each; and
 * runs made from seeds with an effect of the whole run, one against one and five against five.
 * Exits with 1 where a target is missed.
 *
 * `npm run compare-errors`, or with other numbers: `npm run compare-errors -- RUNS SIMULATIONS`.
 */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openRun } from '../../src/analyse/open-run.ts';
import { measure } from '../../src/benchmark.ts';
import { openTarget } from '../../src/cli/target.ts';
import type { ComparedRun } from '../../src/compare/fingerprint.ts';
import { createRunFolder, getFilePath } from '../../src/record/layout.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { type Called, calledOf, compareAlike } from '../support/alike-runs.ts';

/** `dist/programs/test/programs/compare-errors.js`, four folders below the project. */
const SCENARIO = fileURLToPath(new URL('../../../../scenarios/nightly.yaml', import.meta.url));

/** In per cent of comparisons. */
const ANY_MOST = 5;
const WORSE_MOST = 2;
const GROUPS_MOST = 6;

const RUN_CVS = [0, 0.03, 0.05, 0.08] as const;

const [runs = '16', simulations = '200'] = process.argv.slice(2);
const print = (line: string) => process.stdout.write(`${line}\n`);
const missed: string[] = [];

await seedsAlone(Number(runs));
runEffects(Number(simulations));
for (const text of missed) print(`MISSED: ${text}`);
if (missed.length === 0) print('All targets are met.');
process.exitCode = missed.length === 0 ? 0 : 1;

async function seedsAlone(count: number): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'bench-errors-'));
  const all: ComparedRun[] = [];
  for (let seed = 1; seed <= count; seed++) all.push(await nightly(root, seed));
  const found = all.flatMap((base, i) => all.slice(i + 1).map((head) => calledOf(base, head)));
  const { any, worse } = shares(found);
  print(
    `nightly, ${count} seeds, ${found.length} pairs: any verdict ${any.toFixed(1)} %, ` +
      `worse (exit 2) ${worse.toFixed(1)} %`,
  );
  if (any > ANY_MOST) missed.push(`${any.toFixed(1)} % of runs that differ in their seeds`);
  if (worse > WORSE_MOST) missed.push(`exit 2 in ${worse.toFixed(1)} % of these`);
}

async function nightly(root: string, seed: number): Promise<ComparedRun> {
  const loaded = loadScenario(SCENARIO, []);
  if (!('scenario' in loaded)) throw new Error(JSON.stringify(loaded.problems));
  const created = createRunFolder(root, 'nightly', `seed-${seed}`);
  if (!('folder' in created)) throw new Error(JSON.stringify(created));
  const setting = (await openTarget(loaded.scenario, { seed })).open();
  await measure(loaded.scenario, created.folder, setting);
  return { run: openRun(getFilePath(created.folder, 'history')), manifest: undefined };
}

function runEffects(count: number): void {
  print(`\nRuns with an effect of their own, ${count} comparisons each: any verdict`);
  for (const cv of RUN_CVS) {
    const of = (size: number) =>
      shares(Array.from({ length: count }, (_, i) => compareAlike(`${cv}/${size}/${i}`, cv, size)));
    const [single, groups] = [of(1), of(5)];
    print(
      `run CV ${100 * cv} %: one against one ${single.any.toFixed(1)} %, ` +
        `5 against 5 ${groups.any.toFixed(1)} %`,
    );
    if (groups.any > GROUPS_MOST) missed.push(`5 against 5, run CV ${cv}: ${groups.any} %`);
  }
}

function shares(found: readonly Called[]) {
  const percent = (is: (one: Called) => boolean) =>
    (100 * found.filter(is).length) / Math.max(1, found.length);
  return { any: percent((one) => one.better || one.worse), worse: percent((one) => one.worse) };
}
