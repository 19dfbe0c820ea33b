/** What a killed run did to objects of others is told with the commands that undo it. */

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openTarget } from '../../src/cli/target.ts';
import { standingChanges } from '../../src/run/standing-changes.ts';
import { cli } from '../cli/harness.ts';
import { simulatedCluster, withCluster } from '../support/https-cluster.ts';

const SCENARIO = `name: cordoned
storage: { class: ocs-storagecluster-ceph-rbd-virtualization }
steps:
  - act:
      name: cordon
      on: { kind: Node, name: worker-001 }
      patch: { spec: { unschedulable: true } }
      undo: { patch: { spec: { unschedulable: null } } }
      until: { jsonpath: "{.spec.unschedulable}=true" }
  - act:
      name: keep off
      on: { kind: Node, labels: "kubernetes.io/hostname=worker-002" }
      taint: { example.com/off: "yes:NoSchedule" }
      undo: { taint: { example.com/off: null } }
      until: { jsonpath: "{.metadata.name}=worker-002" }
  - act: { name: back, on: { kind: Node, name: worker-001 }, patch: { spec: { unschedulable: null } }, until: exists }
`;

test('of a run that was killed, and of no other', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-standing-'));
  const file = join(folder, 'cordoned.yaml');
  writeFileSync(file, SCENARIO);
  const argv = ['run', file, '--run-id', 'r', '--results', folder, '--no-report'];
  const { code, err } = await cli(argv, { openTarget });
  expect({ code, err }).toMatchObject({ code: 0 });
  const path = join(folder, 'cordoned', 'r');
  const run = { path, scenario: 'cordoned', runId: 'r' };
  expect(standingChanges(run)).toEqual([]);

  // As kill -9 leaves it, in the middle of the second step.
  const history = join(path, 'history.ndjson');
  const lines = readFileSync(history, 'utf8').split('\n');
  const sent = lines.findLastIndex((line) => line.includes('"e":"send"') && /"s":1\b/.test(line));
  writeFileSync(history, `${lines.slice(0, sent + 1).join('\n')}\n`);
  const manifest = join(path, 'manifest.json');
  const { finished: _, ...begun } = JSON.parse(readFileSync(manifest, 'utf8'));
  writeFileSync(manifest, JSON.stringify(begun));
  expect(standingChanges(run).slice(-2)).toEqual([
    '  kubectl taint --overwrite node worker-002 example.com/off-',
    `  kubectl patch node worker-001 --type merge --patch '{"spec":{"unschedulable":null}}'`,
  ]);

  await withCluster(simulatedCluster, async ({ kubeconfig }) => {
    const access = ['--yes', '--kubeconfig', kubeconfig, '--results', folder];
    const cleanUp = async (name: string) => (await cli(['cleanup', name, ...access])).err;
    expect(await cleanUp('r')).toContain('kubectl taint --overwrite node worker-002');
    expect(await cleanUp('made-elsewhere')).not.toContain('kubectl');
  });
});
