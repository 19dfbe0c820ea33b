/** What is done with the arm, and what has to come of it. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBench } from '../built-bench.ts';
import { ROOT } from '../sources.ts';
import type { Arm } from './arm.ts';
import { cloneAcrossClasses } from './classes.ts';
import { conform } from './conform.ts';
import { namespace } from './kubevirt.ts';
import { killAndResume } from './kill.ts';
import { recordLife } from './life.ts';
import { apply, readManifests } from './manifests.ts';
import { loseReplica } from './lose-replica.ts';
import { studyJob } from './study.ts';
import { exitFault, runBench, scenarioOf } from './run-bench.ts';

type Act = (arm: Arm) => Promise<readonly string[]>;

const ACTS: Readonly<Record<string, Act>> = {
  smoke,
  waves,
  resume: killAndResume,
  preflight,
  recorded,
  replicas: loseReplica,
  copy,
  classes: cloneAcrossClasses,
  conformance: conform,
  life: recordLife,
  study: studyJob,
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
  return runBench(arm, 'smoke', join(ROOT, 'scenarios/smoke.yaml'));
}

/** What the test of the replay repeats; to be recorded alone. */
function recorded(arm: Arm): Promise<readonly string[]> {
  return runBench(arm, 'recorded', join(ROOT, 'test/fixtures/real/recorded.yaml'));
}

/** Clones of each kind, then VMs that are booted, stopped and booted again. */
function waves(arm: Arm): Promise<readonly string[]> {
  const steps = `  - clone: { image: rhel9, sources: [pvc, snapshot], count: 40, wave: { size: 20 }, cleanup: true }
  - deploy: { template: rhel9, count: 40, wave: { size: 40 } }
  - boot: { template: rhel9, wave: { size: 40, until: guestReady } }
  - stop: { template: rhel9, wave: { size: 40 } }
  - boot: { template: rhel9, wave: { size: 20, until: guestReady } }
`;
  return runBench(arm, 'waves', scenarioOf(arm, 'waves', steps));
}

/** With a CDI that is told to copy between pods, whatever the driver could do. */
async function copy(arm: Arm): Promise<readonly string[]> {
  const { client } = arm.plane;
  const tell = (cloneStrategyOverride: 'copy' | null) =>
    client.raw({
      method: 'PATCH',
      path: '/apis/cdi.kubevirt.io/v1beta1/cdis/cdi',
      contentType: 'application/merge-patch+json',
      body: { spec: { cloneStrategyOverride } },
    });
  const steps = `  - clone: { image: rhel9, sources: [pvc, snapshot], count: 4, wave: { size: 2 }, cleanup: true }
`;
  await tell('copy');
  const faults = await runBench(arm, 'copy', scenarioOf(arm, 'copy', steps));
  await tell(null);
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
