/** One run of the built bench against the arm, and what was wrong with it. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { narrowed } from '../../../src/analyse/narrowing/narrowed-run.ts';
import { readRun } from '../../../src/record/reader.ts';
import { type BenchResult, startBench } from '../built-bench.ts';
import { ROOT } from '../sources.ts';
import type { Arm } from './arm.ts';

export async function runBench(arm: Arm, id: string, scenario: string): Promise<readonly string[]> {
  const results = join(arm.folder, 'results');
  mkdirSync(results, { recursive: true });
  const args = ['run', scenario, `--kubeconfig=${arm.kubeconfig}`, `--results=${results}`];
  const rest = [`--run-id=${id}`, '--progress=none', '--no-report'];
  const result = await startBench([...args, ...rest], arm.folder).done;
  writeFileSync(join(arm.folder, `${id}.txt`), `${result.out}\n${result.err}`);
  return [...exitFault(result), ...intervalFaults(results, id)];
}

export function exitFault({ code, err }: BenchResult): readonly string[] {
  return code === 0 ? [] : [`exit ${code}: ${err.trim().split('\n').slice(-3).join(' / ')}`];
}

/** Nothing was late on one machine: an interval says that evidence was misread. */
function intervalFaults(results: string, id: string): readonly string[] {
  const folder = findRun(results, id);
  if (folder === undefined) return [`no history of ${id}`];
  const recorded = readRun(join(folder, 'history.ndjson'));
  const { objects } = narrowed(recorded);
  let intervals = 0;
  for (let object = 0; object < objects.size; object++) {
    const { atUs, afterUs } = objects.seen(object);
    if (afterUs < atUs) intervals += 1;
  }
  return intervals === 0 ? [] : [`${intervals} of ${objects.size} first sights are intervals`];
}

export function findRun(folder: string, id: string): string | undefined {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const path = join(folder, entry.name);
    if (entry.name.includes(id) && existsSync(join(path, 'history.ndjson'))) return path;
    const deeper = findRun(path, id);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}

interface Otherwise {
  /** Of all that is made. */
  readonly class: string;
  /** Where the image is from: YAML of one field. */
  readonly image: string;
}

/** smoke.yaml with other steps, under another name; YAML of a list. */
export function scenarioOf(arm: Arm, name: string, steps: string, other?: Otherwise): string {
  const text = readFileSync(join(ROOT, 'scenarios/smoke.yaml'), 'utf8');
  const scenario = text
    .replace('name: smoke', `name: ${name}`)
    .replace('templates/', `${join(ROOT, 'scenarios/templates')}/`)
    .replace(/steps:[\s\S]*(?=simulation:)/, `steps:\n${steps}`)
    .replace(/(?<=class: )\S+/, (known) => other?.class ?? known)
    .replace(/import: .*/, (known) => other?.image ?? known);
  const file = join(arm.folder, `${name}.yaml`);
  writeFileSync(file, scenario);
  return file;
}
