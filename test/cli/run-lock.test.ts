/** A run is the business of one process at a time; one that was killed holds nothing. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DATA_VOLUMES, type Resource, VIRTUAL_MACHINES } from '../../src/api/resources.ts';
import { collectionPath } from '../../src/kube/paths.ts';
import { readRun } from '../../src/record/reader.ts';
import { startBench } from '../support/built-bench.ts';
import { type ServedCluster, simulatedCluster, withCluster } from '../support/https-cluster.ts';
import { ROOT } from '../support/sources.ts';
import { cli } from './harness.ts';

const TINY = join(ROOT, 'test/support/tiny.yaml');

test('nobody else resumes, cleans up or judges a run that goes on; kill -9 frees it for one', () =>
  withCluster(simulatedCluster, surviveTwoResumes, { speed: 60 }));

async function surviveTwoResumes(cluster: ServedCluster): Promise<void> {
  const { kubeconfig, folder } = cluster;
  const created = countCreations(cluster);
  const results = ['--results', join(folder, 'results')];
  const reach = ['--kubeconfig', kubeconfig];
  // Five seconds here, in which all others come that are to be refused.
  const goesOn = ['--set', 'steps.2.boot.wave.pause=5m'];
  const argv = ['run', TINY, '--run-id', 'live', '--no-report', ...goesOn, ...reach, ...results];
  const first = startBench([...argv, '--progress', 'json'], folder);
  await first.told('boot rhel9');

  const holder = `run live is under way: bench run, process ${first.process.pid} on `;
  const history = ['--history', join(folder, 'nights')];
  for (const refused of [
    ['resume', 'live', ...results],
    ['cleanup', 'live', '--yes', ...reach, ...results],
    ['gate', 'live', ...history, ...results],
  ]) {
    const { code, err } = await cli(refused);
    expect(err).toContain(holder);
    expect(code).toBe(64);
  }
  const again = await cli(argv.filter((word) => word !== '--no-report'));
  expect(again.code).toBe(64);
  expect(again.err).toContain('exists: choose another --run-id');
  const all = await cli(['cleanup', '--yes', ...reach, ...results]);
  expect(all.err).toContain(`left alone: ${holder}`);
  expect(all.err).toContain('nothing is left');
  expect(listed(cluster, VIRTUAL_MACHINES)).toBe(4);

  first.process.kill('SIGKILL');
  await first.done;
  const resume = ['resume', 'live', '--no-report', ...results];
  const both = await Promise.all([1, 2].map(() => startBench(resume, folder).done));
  const refusals = both.filter(({ code }) => code === 64);
  expect(refusals).toHaveLength(1);
  expect(refusals[0]?.err).toMatch(/is under way: bench resume|there is nothing to resume/);
  // 3: the machine was too busy for such a speed.
  expect([0, 3]).toContain(both.find(({ code }) => code !== 64)?.code);
  const run = readRun(join(folder, 'results/tiny/live/history.ndjson'));
  expect(run.anchors).toHaveLength(2);
  expect([...created.values()].filter((n) => n > 1)).toEqual([]);
  expect(existsSync(join(folder, 'results/tiny/live/lock'))).toBe(false);
  expect(listed(cluster, VIRTUAL_MACHINES)).toBe(0);
  expect(readFileSync(join(folder, 'results/tiny/live/manifest.json'), 'utf8')).toContain(
    'resumed',
  );
}

function countCreations({ server }: ServedCluster): ReadonlyMap<string, number> {
  const kinds = [VIRTUAL_MACHINES, DATA_VOLUMES].map(({ kind }) => kind);
  const created = new Map<string, number>();
  server.onCommit(({ event: { type, object } }) => {
    if (type !== 'ADDED' || !kinds.includes(object.kind ?? '')) return;
    const key = `${object.kind} ${object.metadata.name}`;
    created.set(key, (created.get(key) ?? 0) + 1);
  });
  return created;
}

function listed({ server }: ServedCluster, resource: Resource): number {
  const answer = server.handle({ method: 'GET', path: collectionPath(resource) });
  return (answer as { body: { items: readonly unknown[] } }).body.items.length;
}
