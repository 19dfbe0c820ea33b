/** What is left of objects of any kind: what the run created is its own, what was there is not. */

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findLeftovers } from '../../src/cluster/leftovers.ts';
import { createClient } from '../../src/kube/client.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { HISTORY_SCHEMA } from '../../src/record/entry.ts';
import { queryOfRun } from '../../src/run/clean-up-run.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { toyCluster } from '../support/toy-cluster.ts';
import { play } from './play.ts';

const TEXT = `
name: any
namespace: lent
storage: { class: fast }
steps:
  - apply:
      manifests:
        - { apiVersion: v1, kind: ConfigMap, metadata: { name: theirs }, data: { y: "2" } }
        - { apiVersion: v1, kind: ConfigMap, metadata: { name: ours } }
        - apiVersion: scheduling.k8s.io/v1
          kind: PriorityClass
          metadata: { name: ours }
          value: 7
`;

test('found are objects of each kind that was applied, also of the cluster, and no others', async () => {
  const parsed = parseScenario(TEXT, 'any.yaml');
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  const toy = toyCluster();
  const metadata = { name: 'lent' };
  toy.send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
  const theirs = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'theirs' } };
  toy.send('POST', '/api/v1/namespaces/lent/configmaps', theirs);

  const maker = 'bench-run-1';
  const { ending, entries } = await play(toy, makePlan(parsed.scenario, { runId: 'r1' }), {
    maker,
  });
  expect(ending.outcome).toBe('complete');
  const path = mkdtempSync(join(tmpdir(), 'bench-'));
  const head = {
    e: 'header',
    schema: HISTORY_SCHEMA,
    run: 'r1',
    scenario: 'any',
    target: 'cluster',
  };
  const lines = [{ ...head, seed: 1, maker }, ...entries].map((entry) => JSON.stringify(entry));
  writeFileSync(join(path, 'history.ndjson'), `${lines.join('\n')}\n`);

  const query = { ...queryOfRun({ runId: 'r1', scenario: 'any', path }), namespaces: ['lent'] };
  const found = toy.kernel.run(() => findLeftovers(createClient(toy.transport), query));
  const { objects, strangers } = await found;
  // What was made last goes first.
  const named = objects.map(({ resource, name }) => `${resource.kind} ${name}`);
  expect(named).toEqual(['PriorityClass ours', 'ConfigMap ours']);
  expect(strangers).toEqual([]);
});
