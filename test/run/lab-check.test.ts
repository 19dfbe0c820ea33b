/** Is a lab there and well: on an empty cluster, on one that was brought up, and on broken ones. */

import { describe, expect, test } from 'vitest';
import { makeSimConfig } from '../../src/cli/target.ts';
import { createRng } from '../../src/core/rng.ts';
import { MINUTE } from '../../src/core/duration.ts';
import { drive } from '../../src/drive/drive.ts';
import { createClient } from '../../src/kube/client.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { checkLab, type LabFinding } from '../../src/run/lab-check.ts';
import { isReady, labLines, labVerdict } from '../../src/run/lab-text.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { createSimulator } from '../../src/sim/simulator.ts';
import { makeSimFaults } from '../../src/sim/host/ordered-faults.ts';
import { collectEntries } from '../support/collect-entries.ts';
import { smallLab, WORKERS } from '../support/lab-scenario.ts';

function open(scenario: Scenario) {
  const { faults } = scenario.simulation;
  const config = makeSimConfig(scenario, 1);
  const simulator = createSimulator({
    ...config,
    ...(faults && { faults: makeSimFaults(() => faults, 1) }),
  });
  const { kernel, transport } = simulator;
  const client = createClient(transport);
  const plan = makePlan(scenario, { runId: 'lab' });
  return {
    kernel,
    client,
    check: () => kernel.run(() => checkLab(client, plan)),
    up: () =>
      kernel.run(() =>
        drive(plan, { clock: kernel, transport, rng: createRng(1), sink: collectEntries() }),
      ),
  };
}

function ofStep(findings: readonly LabFinding[], step: string) {
  return findings.filter((finding) => finding.step === step);
}

describe('lab check', () => {
  test('names what is missing on a bare cluster, and finds all of it once it is up', async () => {
    const { check, up, kernel, client } = open(smallLab());
    const before = await check();
    expect(new Set(before.map(({ state }) => state))).toEqual(new Set(['missing', 'differs']));
    expect(ofStep(before, 'StorageCluster')).toMatchObject([
      { state: 'missing', found: 'the server serves no StorageCluster' },
    ]);
    // The nodes are there, and bear no label yet.
    expect(ofStep(before, 'label storage nodes')).toHaveLength(WORKERS);

    expect(await up()).toMatchObject({ outcome: 'complete' });
    const after = await check();
    expect(after.filter(({ state }) => state !== 'ready')).toEqual([]);
    expect(labVerdict('lab-odf', after)).toBe(`lab-odf is ready: ${after.length} objects`);

    const path = '/apis/operators.coreos.com/v1alpha1/namespaces/openshift-storage/subscriptions';
    const patch = {
      method: 'PATCH',
      path: `${path}/odf-operator`,
      contentType: 'application/merge-patch+json',
      body: { spec: { channel: 'stable-4.16' } },
    } as const;
    await kernel.run(() => client.raw(patch));
    const changed = (await check()).filter(({ state }) => state !== 'ready');
    expect(changed).toMatchObject([
      {
        step: 'Data Foundation',
        object: 'Subscription openshift-storage/odf-operator',
        state: 'differs',
        found: '.spec.channel is "stable-4.16", and not "stable-4.15"',
      },
    ]);
  });

  test('says that too few nodes are labelled, in words of ODF, and what helps', async () => {
    const two = ['count: *workers\n      label', 'count: 2\n      label'] as const;
    const size = ['wave: { size: *workers, ramp: 0s }', 'wave: { ramp: 0s }'] as const;
    const hurry = ['apply: 20m, act: 20m', 'apply: 3m, act: 3m'] as const;
    const short = ['timeout: 1h', 'timeout: 3m'] as const;
    const { check, up } = open(smallLab('', [two, size, hurry, short]));
    expect(await up()).not.toMatchObject({ outcome: 'complete' });
    const findings = await check();
    const [cluster] = ofStep(findings, 'StorageCluster');
    expect(cluster?.state).toBe('stuck');
    expect(cluster?.found).toContain('not enough nodes found: expected 3, found 2');
    expect(cluster?.remedy).toContain('cluster.ocs.openshift.io/openshift-storage');
    expect(ofStep(findings, 'local volumes')[0]?.found).toBe(
      `waiting for volumes (2 of ${WORKERS})`,
    );
    expect(isReady(findings)).toBe(false);
  });

  test('says what an operator that cannot be resolved says, and many alike in one line', async () => {
    const fault = '  faults: { lab: { unresolved: [local-storage-operator] } }\n';
    const hurry = ['apply: 20m, act: 20m', `apply: 3m, act: 3m`] as const;
    const { check, up, kernel } = open(smallLab(fault, [hurry]));
    await up();
    await kernel.run(() => kernel.sleep(MINUTE));
    const findings = await check();
    const [subscription] = ofStep(findings, 'Local Storage');
    expect(subscription).toMatchObject({ state: 'stuck' });
    expect(subscription?.found).toContain('no operators found in package local-storage-operator');
    expect(subscription?.remedy).toContain('startingCSV');
    const lines = labLines(ofStep(findings, 'label storage nodes')).join('\n');
    expect(lines).toContain(`and ${WORKERS - 1} more`);
  });
});
