/** A study that is killed, started again at once, ends in the bytes of one that was not. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createDeferred } from '../../src/core/deferred.ts';
import { openTarget } from '../../src/cli/target.ts';
import { type Resource, NAMESPACES, VIRTUAL_MACHINES } from '../../src/api/resources.ts';
import { collectionPath } from '../../src/kube/paths.ts';
import { startBench } from '../support/built-bench.ts';
import { type ServedCluster, simulatedCluster, withCluster } from '../support/https-cluster.ts';
import { ROOT } from '../support/sources.ts';
import { cli, temporaryFolder } from './harness.ts';

const TINY = join(ROOT, 'test/support/tiny.yaml');
const ASKED = ['study', TINY, '--vary', 'steps.2.boot.wave.size=1,2,4', '--study-id', 's'];

test('kill -9 leaves nobody behind, and starting again gives the same bytes', async () => {
  const [killed, whole] = [temporaryFolder(), temporaryFolder()];
  const argv = [...ASKED, '--jobs', '2', '--no-report', '--results', killed];
  const first = startBench(argv, killed);
  const study = join(killed, 'tiny/s');
  await first.told('1 of 3');
  first.process.kill('SIGKILL');
  expect((await first.done).code).toBeNull();
  const made = readdirSync(study).filter((name) => existsSync(join(study, name, 'summary.json')));
  expect(made.length).toBeLessThan(3);
  const again = await startBench(argv, killed).done;
  expect(again).toMatchObject({ code: 0 });
  expect(again.err).toMatch(/[12] of 3 runs are there already/);
  await cli([...ASKED, '--results', whole], { openTarget });
  for (const name of ['study.json', 'study.csv', 'group.json', 'p3-r1/history.ndjson']) {
    expect(readFileSync(join(study, name))).toEqual(readFileSync(join(whole, 'tiny/s', name)));
  }
});

const BUSY = {
  status: 503,
  body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 503 },
  contentType: 'application/json',
  headers: {},
  warnings: [],
};

test('killed while a run removes what it made, started again it removes the rest', async () => {
  const isVm = /\/virtualmachines\//;
  const removing = createDeferred<void>();
  let removed = 0;
  let isStuck = true;
  await withCluster(simulatedCluster, goOn, {
    extension({ method, path }) {
      if (method !== 'DELETE' || !isVm.test(path)) return undefined;
      removed += 1;
      if (removed <= 2 || !isStuck) return undefined;
      removing.resolve();
      return BUSY;
    },
  });

  async function goOn(cluster: ServedCluster): Promise<void> {
    const { folder, kubeconfig } = cluster;
    const results = join(folder, 'results');
    const vary = ['--vary', 'steps.2.boot.wave.size=2,4', '--study-id', 's', '--no-report'];
    const argv = ['study', TINY, ...vary, '--kubeconfig', kubeconfig, '--results', results];
    const first = startBench(argv, folder);
    await removing.promise;
    first.process.kill('SIGKILL');
    await first.done;
    const of = (file: string) => readFileSync(join(results, 'tiny/s/s-p1-r1', file));
    const before = ['history.ndjson', 'summary.json'].map(of);
    expect(listed(cluster, VIRTUAL_MACHINES)).not.toEqual([]);
    isStuck = false;
    const again = await startBench(argv, folder).done;
    expect(again).toMatchObject({ code: 0 });
    expect(again.err).not.toContain('runs are there already');
    expect(again.err).not.toContain('not all removed');
    expect(listed(cluster, VIRTUAL_MACHINES)).toEqual([]);
    expect(listed(cluster, NAMESPACES).filter((name) => name.startsWith('bench-'))).toEqual([]);
    // It was only cleaned up: what it measured is what it was.
    expect(['history.ndjson', 'summary.json'].map(of)).toEqual(before);
    const answer = readFileSync(join(results, 'tiny/s/study.json'));
    const whole = await startBench(argv, folder).done;
    expect(whole.err).toContain('2 of 2 runs are there already');
    expect(readFileSync(join(results, 'tiny/s/study.json'))).toEqual(answer);
  }
});

function listed({ server }: ServedCluster, resource: Resource): readonly string[] {
  const answer = server.handle({ method: 'GET', path: collectionPath(resource) });
  const { items } = (answer as { body: { items: { metadata: { name: string } }[] } }).body;
  return items.map(({ metadata }) => metadata.name);
}
