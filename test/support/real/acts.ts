/** What is done with the arm, and what has to come of it. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VIRTUAL_MACHINES } from '../../../src/api/resources.ts';
import { findAll } from '../../../src/cluster/check.ts';
import { SECOND } from '../../../src/core/duration.ts';
import { systemClock } from '../../../src/core/system-clock.ts';
import { RUN_LABEL } from '../../../src/plan/planning.ts';
import { narrowed } from '../../../src/analyse/narrowing/narrowed-run.ts';
import { readRun } from '../../../src/record/reader.ts';
import { type BenchResult, startBench } from '../built-bench.ts';
import { ROOT } from '../sources.ts';
import type { Arm } from './arm.ts';
import { namespace } from './kubevirt.ts';
import { apply, readManifests } from './manifests.ts';

type Act = (arm: Arm) => Promise<readonly string[]>;

const ACTS: Readonly<Record<string, Act>> = {
  smoke,
  waves,
  resume,
  preflight,
  recorded,
};

/** Prints each act with its faults; returns how many failed. */
export async function performActs(
  arm: Arm,
  names: readonly string[] = ['smoke', 'waves', 'resume', 'preflight'],
): Promise<number> {
  let failed = 0;
  for (const name of names) {
    const act = ACTS[name];
    if (act === undefined) throw new Error(`no act ${name}: ${Object.keys(ACTS).join(', ')}`);
    const faults = await act(arm);
    if (faults.length > 0) failed += 1;
    process.stdout.write(`${name}: ${faults.length === 0 ? 'ok' : faults.join('; ')}\n`);
  }
  return failed;
}

function smoke(arm: Arm): Promise<readonly string[]> {
  return run(arm, 'smoke', join(ROOT, 'scenarios/smoke.yaml'));
}

/** What the test of the replay repeats; to be recorded alone. */
function recorded(arm: Arm): Promise<readonly string[]> {
  return run(arm, 'recorded', join(ROOT, 'test/fixtures/real/recorded.yaml'));
}

/** Clones of each kind, then VMs that are booted, stopped and booted again. */
function waves(arm: Arm): Promise<readonly string[]> {
  const text = readFileSync(join(ROOT, 'scenarios/smoke.yaml'), 'utf8');
  const steps = `steps:
  - clone: { image: rhel9, sources: [pvc, snapshot], count: 40, wave: { size: 20 }, cleanup: true }
  - deploy: { template: rhel9, count: 40, wave: { size: 40 } }
  - boot: { template: rhel9, wave: { size: 40, until: guestReady } }
  - stop: { template: rhel9, wave: { size: 40 } }
  - boot: { template: rhel9, wave: { size: 20, until: guestReady } }
`;
  const scenario = text
    .replace('name: smoke', 'name: waves')
    .replace('templates/', `${join(ROOT, 'scenarios/templates')}/`)
    .replace(/steps:[\s\S]*(?=simulation:)/, steps);
  const file = join(arm.folder, 'waves.yaml');
  writeFileSync(file, scenario);
  return run(arm, 'waves', file);
}

async function run(arm: Arm, id: string, scenario: string): Promise<readonly string[]> {
  const results = join(arm.folder, 'results');
  mkdirSync(results, { recursive: true });
  const args = ['run', scenario, `--kubeconfig=${arm.kubeconfig}`, `--results=${results}`];
  const rest = [`--run-id=${id}`, '--progress=none', '--no-report'];
  const result = await startBench([...args, ...rest], arm.folder).done;
  writeFileSync(join(arm.folder, `${id}.txt`), `${result.out}\n${result.err}`);
  return [...exitFault(result), ...intervalFaults(results, id)];
}

function exitFault({ code, err }: BenchResult): readonly string[] {
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

function findRun(folder: string, id: string): string | undefined {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const path = join(folder, entry.name);
    if (entry.name.includes(id) && existsSync(join(path, 'history.ndjson'))) return path;
    const deeper = findRun(path, id);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}

/** Killed by SIGKILL at three moments, and gone on with. */
async function resume(arm: Arm): Promise<readonly string[]> {
  const faults: string[] = [];
  const results = join(arm.folder, 'results');
  const to = [`--kubeconfig=${arm.plane.kubeconfig}`, `--results=${results}`];
  for (const seconds of [3, 8, 15]) {
    const id = `killed-${seconds}`;
    const scenario = join(ROOT, 'scenarios/smoke.yaml');
    const quiet = ['--progress=none', '--no-report'];
    const first = startBench(['run', scenario, ...to, `--run-id=${id}`, ...quiet], arm.folder);
    await systemClock().sleep(seconds * SECOND);
    first.process.kill('SIGKILL');
    await first.done;
    const second = await startBench(['resume', id, ...to, ...quiet], arm.folder).done;
    // Killed before there was a folder: nothing was made either, and there is nothing to resume.
    const isStillborn = findRun(results, id) === undefined && second.code === 64;
    // 3: the machine was too busy, and the figures say so.
    if (second.code !== 3 && !isStillborn) {
      faults.push(...exitFault(second).map((fault) => `after ${seconds} s: ${fault}`));
    }
    const left = await findAll(arm.plane.client, VIRTUAL_MACHINES, { labelSelector: RUN_LABEL });
    if (left.length > 0) faults.push(`after ${seconds} s: ${left.length} VMs left behind`);
  }
  return faults;
}

/** As an account that has the roles of deploy/ and nothing else. */
async function preflight(arm: Arm): Promise<readonly string[]> {
  const { client, authority, url } = arm.plane;
  await apply(client, namespace('bench'));
  for (const object of readManifests(join(ROOT, 'deploy/base/rbac.yaml'))) {
    const { namespace: home = 'bench' } = object.metadata;
    const isCluster = object.kind.startsWith('Cluster');
    await apply(client, isCluster ? object : inNamespace(object, home));
  }
  const account = authority.client(
    'bench',
    'system:serviceaccount:bench:bench',
    'system:serviceaccounts',
  );
  const kubeconfig = authority.kubeconfig(url, account);
  const scenario = join(ROOT, 'scenarios/smoke.yaml');
  const result = await startBench(['preflight', scenario, `--kubeconfig=${kubeconfig}`], arm.folder)
    .done;
  writeFileSync(join(arm.folder, 'preflight.txt'), `${result.out}\n${result.err}`);
  return exitFault(result);
}

function inNamespace<T extends { readonly metadata: object }>(object: T, name: string): T {
  return { ...object, metadata: { ...object.metadata, namespace: name } };
}
