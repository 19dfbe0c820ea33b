/**
 * Runs on a cluster behind HTTPS, start to end and from all sides: who may start, what is created,
 * what is left, and what becomes of things that are none of our business.
 */

import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../src/api/object.ts';
import {
  CLAIMS,
  DATA_VOLUMES,
  NAMESPACES,
  RESOURCE_QUOTAS,
  type Resource,
  VIRTUAL_MACHINES,
  VOLUMES,
} from '../../src/api/resources.ts';
import { collectionPath } from '../../src/kube/paths.ts';
import type { Manifest } from '../../src/record/manifest.ts';
import { readRun } from '../../src/record/reader.ts';
import {
  CONTEXT,
  type ServedCluster,
  type ServedOptions,
  simulatedCluster,
  withCluster,
} from '../support/https-cluster.ts';
import { openInThread } from '../support/open-in-thread.ts';
import { ROOT } from '../support/sources.ts';
import { cli, type CliOptions } from './harness.ts';

const TINY = join(ROOT, 'test/support/tiny.yaml');

/** At such a speed on a busy machine figures may be doubtful, and are then said to be: exit 3. */
const FINE = [0, 3];

interface OnCluster extends ServedCluster {
  bench(argv: readonly string[], options?: CliOptions): ReturnType<typeof cli>;
  listed(resource: Resource): readonly KubeObject[];
  put(resource: Resource, object: object): void;
  /** Of a run under `results` in the cluster's folder. */
  file(runId: string, name: string): string;
}

function onCluster(
  use: (cluster: OnCluster) => Promise<void>,
  options: ServedOptions = {},
): () => Promise<void> {
  return () =>
    withCluster(
      simulatedCluster,
      async (served) => {
        const results = join(served.folder, 'results');
        await use({
          ...served,
          bench(argv, more = {}) {
            const base = ['--kubeconfig', served.kubeconfig];
            const folder = argv[0] === 'preflight' ? [] : ['--results', results];
            return cli([...argv, ...base, ...folder], { openTarget: openInThread, ...more });
          },
          listed(resource) {
            const answer = served.server.handle({ method: 'GET', path: collectionPath(resource) });
            return (answer as { body: { items: readonly KubeObject[] } }).body.items;
          },
          put: (resource, object) => void served.server.seed(withKind(resource, object)),
          file: (runId, name) => join(results, 'tiny', runId, name),
        });
      },
      { speed: 60, ...options },
    );
}

function withKind({ group, version, kind }: Resource, object: object): KubeObject {
  const apiVersion = group === '' ? version : `${group}/${version}`;
  return { apiVersion, kind, ...object } as KubeObject;
}

describe('bench run on a cluster', () => {
  test.each([CONTEXT, `${CONTEXT}-token`])(
    'as %s: measures, records who and where, and leaves nothing',
    (context) =>
      onCluster(async ({ bench, listed, file, credentials }) => {
        const run = await bench(['run', TINY, '--run-id', 'r1', '--context', context]);
        expect(run.err).toContain('nothing is left');
        expect(FINE).toContain(run.code);
        expect(run.out).toContain('RHEL 9 snapshot clone');
        for (const resource of [VIRTUAL_MACHINES, DATA_VOLUMES, CLAIMS, VOLUMES]) {
          expect(listed(resource)).toEqual([]);
        }
        expect(listed(NAMESPACES).map(({ metadata }) => metadata.name)).not.toContain('bench-r1');
        const manifest = JSON.parse(readFileSync(file('r1', 'manifest.json'), 'utf8')) as Manifest;
        expect(manifest.connection?.context).toBe(context);
        expect(manifest.environment?.facts).toMatchObject({ kubevirt: 'v1.1.1', nodes: '6' });
        expect(manifest.finished?.traffic?.requests).toBeGreaterThan(20);
        const text = readFileSync(file('r1', 'manifest.json'), 'utf8');
        for (const secret of [credentials.token, credentials.client.key]) {
          expect(text).not.toContain(secret);
        }
        const recorded = readRun(file('r1', 'history.ndjson'));
        expect(recorded.problems).toEqual([]);
        expect(recorded.operations.every(({ miss }) => miss === undefined)).toBe(true);
      })(),
  );

  test(
    'more than 50 VMs need a word: none can be asked, none given, given',
    onCluster(async ({ bench, requests }) => {
      const many = ['run', TINY, '--run-id', 'many', '--set', 'steps.1.deploy.count=51'];
      const alone = await bench(many);
      expect(alone.code).toBe(64);
      expect(alone.err).toContain('51 VMs');
      expect(alone.err).toContain('--yes');
      const unwilling = await bench(many, { answer: 'n' });
      expect(unwilling.code).toBe(64);
      const posts = requests.filter((request) => /^(POST|PUT|PATCH|DELETE)/.test(request));
      expect(posts.filter((path) => path.endsWith('namespaces'))).toEqual([]);
    }),
  );

  test(
    'aborted by too many misses it still reports, and cleans up',
    onCluster(async ({ bench, listed, file }) => {
      const soon = ['--set', 'steps.0.clone.wave.timeout=100ms'];
      const run = await bench(['run', TINY, '--run-id', 'a1', '--context', CONTEXT, ...soon]);
      expect([3, 5]).toContain(run.code);
      expect(run.err).toMatch(/failed: step 2 '.*', wave 1 of 2: 2 of 3 operations missed/);
      expect(run.err).toContain('nothing is left');
      expect(run.out).toContain('What missed, and why');
      expect(JSON.parse(readFileSync(file('a1', 'summary.json'), 'utf8')).run).toMatchObject({
        outcome: 'failed',
      });
      for (const resource of [VIRTUAL_MACHINES, DATA_VOLUMES, CLAIMS, VOLUMES]) {
        expect(listed(resource)).toEqual([]);
      }
    }),
  );

  test(
    'refused by a quota it says so, asks no second time, and is aborted',
    onCluster(async ({ bench, put, file, requests }) => {
      put(NAMESPACES, { metadata: { name: 'team' } });
      // The image and three clones of it; the three clones of its snapshot are too many.
      const hard = { 'count/datavolumes.cdi.kubevirt.io': '4' };
      put(RESOURCE_QUOTAS, { metadata: { name: 'small', namespace: 'team' }, spec: { hard } });
      const asked = ['--set', 'namespace=team', '--set', 'steps.0.clone.wave.ramp=1s'];
      const run = await bench(['run', TINY, '--run-id', 'q1', '--context', CONTEXT, ...asked]);
      expect([3, 5]).toContain(run.code);
      expect(run.err).toMatch(/wave 2 of 2: 2 of 3 operations missed .* QuotaExceeded \(2\)/);
      expect(run.out.replace(/\s+/g, ' ')).toContain('is forbidden: exceeded quota: small');
      const recorded = readRun(file('q1', 'history.ndjson'));
      const failed = recorded.operations.filter(({ miss }) => miss?.how === 'failed');
      expect(failed.map(({ ack, miss }) => [ack?.status, ack?.tries, miss?.class])).toEqual([
        [403, 1, 'QuotaExceeded'],
        [403, 1, 'QuotaExceeded'],
      ]);
      // One of them was the dry run of the preflight.
      const creations = requests.filter((one) => /^POST .*team\/datavolumes/.test(one));
      expect(creations.length).toBeLessThanOrEqual(1 + 4 + 3);
    }),
  );

  test(
    'names of hosts are hashed on request',
    onCluster(async ({ bench, listed, file }) => {
      const nodes = ['worker-0', 'worker-1', 'worker-2', 'worker-3', 'worker-4', 'worker-5'];
      const run = await bench([
        'run',
        TINY,
        '--run-id',
        'h1',
        '--hash-names',
        '--context',
        CONTEXT,
      ]);
      expect(FINE).toContain(run.code);
      expect(listed(VIRTUAL_MACHINES)).toEqual([]);
      for (const name of ['history.ndjson', 'manifest.json']) {
        const text = readFileSync(file('h1', name), 'utf8');
        for (const host of [...nodes, '127.0.0.1', '"sim"']) expect(text).not.toContain(host);
      }
      expect(readFileSync(file('h1', 'history.ndjson'), 'utf8')).toMatch(
        /\["node","h-[0-9a-f]{8}"/,
      );
    }),
  );

  test(
    'faults on the way change nothing but the time it takes',
    onCluster(
      async ({ bench, file }) => {
        const run = await bench(['run', TINY, '--run-id', 'f1']);
        expect(run.err).toContain('nothing is left');
        const recorded = readRun(file('f1', 'history.ndjson'));
        expect(recorded.operations.filter(({ miss }) => miss)).toEqual([]);
        expect(recorded.gaps.length).toBeGreaterThan(0);
        expect(recorded.notes.some(({ what }) => what.startsWith('retry'))).toBe(true);
        const names = recorded.operations.filter(({ verb }) => verb === 'create');
        expect(new Set(names.map(({ kind, name }) => `${kind}/${name}`)).size).toBe(names.length);
      },
      {
        faults: {
          cutEveryUs: 40e6,
          cutCompacts: true,
          throttle: { rate: 0.1, retryAfterSeconds: 1 },
          errorRate: 0.1,
          loseCreateRate: 0.1,
          dropRate: 0.05,
        },
      },
    ),
  );

  test(
    'a server that is lost on the way is exit 1, and the tables still come',
    onCluster(async ({ bench, goDark, file }) => {
      const argv = ['run', TINY, '--run-id', 'l1', '--lost-after', '1s', '--progress', 'json'];
      const onErr = (text: string) => void (text.includes('deploy rhel9') && goDark());
      const run = await bench(argv, { onErr });
      expect(run.code).toBe(1);
      expect(run.err).toContain('the API server has not answered for');
      expect(run.err).toMatch(/: bench cleanup \S+\/tiny\/l1$/m);
      expect(run.out.replace(/\s+/g, ' ')).toContain('PARTIAL: the API server has not answered');
      expect(existsSync(file('l1', 'summary.json'))).toBe(true);
    }),
  );
});

describe('an interruption', () => {
  test(
    'ends the run in order: tables, then cleaning up, then 130',
    onCluster(async ({ bench, listed }) => {
      const interrupt = new AbortController();
      const onErr = (text: string) => {
        if (text.includes("'boot rhel9'")) interrupt.abort('SIGINT');
      };
      const argv = ['run', TINY, '--run-id', 'i1', '--progress', 'json'];
      const run = await bench(argv, {
        interrupt: interrupt.signal,
        onErr: (text) => onErr(text.replaceAll('"', "'")),
      });
      expect(run.code).toBe(130);
      expect(run.out.replace(/\s+/g, ' ')).toContain('PARTIAL: interrupted');
      expect(run.err.indexOf('results:')).toBeLessThan(run.err.indexOf('cleaning up'));
      expect(run.err).toContain('nothing is left');
      expect(listed(VIRTUAL_MACHINES)).toEqual([]);
    }),
  );

  test(
    'of the clean-up is told as one, with what is left and who removes it',
    onCluster(async ({ bench, listed }) => {
      const interrupt = new AbortController();
      const run = await bench(['run', TINY, '--run-id', 'i2', '--no-report'], {
        interrupt: interrupt.signal,
        onErr: (text) => void (text.includes('deleting 4') && interrupt.abort('SIGINT')),
      });
      expect(run.code).toBe(130);
      expect(run.err).toMatch(/the clean-up was interrupted\n.*still there.* bench cleanup .*i2/);
      expect(run.err).not.toContain('check the address');
      expect(listed(VIRTUAL_MACHINES)).not.toEqual([]);
    }),
  );

  test(
    'with --keep can be resumed, and nothing is started twice',
    onCluster(async ({ bench, server, listed, file }) => {
      const created = new Map<string, number>();
      server.onCommit(({ event: { type, object } }) => {
        const key = `${object.kind} ${object.metadata.name}`;
        if (type === 'ADDED') created.set(key, (created.get(key) ?? 0) + 1);
      });
      const interrupt = new AbortController();
      const argv = ['run', TINY, '--run-id', 'k1', '--keep', '--progress', 'json'];
      const cut = await bench(argv, {
        interrupt: interrupt.signal,
        onErr: (text) => void (text.includes('deploy rhel9') && interrupt.abort('SIGTERM')),
      });
      expect(cut.code).toBe(143);
      expect(listed(DATA_VOLUMES).length).toBeGreaterThan(0);
      const resumed = await bench(['resume', 'k1', '--no-report']);
      expect(resumed.err).toContain('nothing is left');
      expect(FINE).toContain(resumed.code);
      const run = readRun(file('k1', 'history.ndjson'));
      expect(run.anchors.map(({ session }) => session)).toEqual([0, 1]);
      expect(run.operations).toHaveLength(2 + 6 + 4 + 4);
      expect(run.operations.filter(({ miss }) => miss)).toEqual([]);
      const ours = [...created].filter(([key]) => /^(DataVolume|VirtualMachine) /.test(key));
      expect(ours.filter(([, n]) => n > 1)).toEqual([]);
      const again = await bench(['resume', 'k1', '--no-report']);
      expect(again.code).toBe(64);
      expect(again.err).toContain('nothing to resume');
    }),
  );
});

describe('a run that was killed as its history began', () => {
  test(
    'is begun anew by resume, or refused where no figures could come of it',
    onCluster(async ({ bench, file }) => {
      const first = await bench(['run', TINY, '--run-id', 'e1', '--no-report']);
      expect(FINE).toContain(first.code);
      const whole = readFileSync(file('e1', 'history.ndjson'), 'utf8');
      const manifest = JSON.parse(readFileSync(file('e1', 'manifest.json'), 'utf8')) as Manifest;
      const { finished: _, cleaned: __, removed: ___, ...open } = manifest;
      const killedWith = (history: string) => {
        writeFileSync(file('e1', 'manifest.json'), JSON.stringify(open));
        writeFileSync(file('e1', 'history.ndjson'), history);
      };
      killedWith(whole.slice(whole.indexOf('\n') + 1));
      const headless = await bench(['resume', 'e1', '--no-report']);
      expect(headless.code).toBe(64);
      expect(headless.err).toMatch(/does not start with a header entry.*: bench cleanup /s);
      for (const torn of ['', whole.slice(0, 40)]) {
        killedWith(torn);
        const resumed = await bench(['resume', 'e1', '--no-report']);
        expect(FINE).toContain(resumed.code);
        const run = readRun(file('e1', 'history.ndjson'));
        expect(run.problems).toEqual([]);
        expect(run.operations).toHaveLength(2 + 6 + 4 + 4);
      }
    }),
  );
});

describe('a run that was killed as it came to its end', () => {
  test(
    'has its figures and its clean-up from resume, and nothing is measured again',
    onCluster(async ({ bench, file, listed }) => {
      const first = await bench(['run', TINY, '--run-id', 'f1', '--no-report', '--keep']);
      expect(FINE).toContain(first.code);
      const read = (name: string) => readFileSync(file('f1', name), 'utf8');
      const before = [read('history.ndjson'), JSON.parse(read('summary.json'))];
      const { finished: _, ...open } = JSON.parse(read('manifest.json')) as Manifest;
      expect(open.removes).toBeUndefined();
      writeFileSync(file('f1', 'manifest.json'), JSON.stringify({ ...open, removes: true }));
      rmSync(file('f1', 'summary.json'));
      const resumed = await bench(['resume', 'f1', '--no-report']);
      expect(resumed.code).toBe(first.code);
      expect(resumed.err).toContain('nothing is left');
      expect(read('history.ndjson')).toBe(before[0]);
      expect(JSON.parse(read('summary.json')).metrics).toEqual(before[1].metrics);
      expect(listed(VIRTUAL_MACHINES)).toEqual([]);
      const again = await bench(['resume', 'f1', '--no-report']);
      expect(again).toMatchObject({ code: 64 });
      expect(again.err).toContain('nothing to resume');
    }),
  );
});

describe('bench cleanup', () => {
  test(
    'lists, asks, and removes what a run left, and nothing else',
    onCluster(async ({ bench, listed, put, folder }) => {
      const kept = await bench(['run', TINY, '--run-id', 'c1', '--keep']);
      expect(FINE).toContain(kept.code);
      expect(kept.err).toMatch(/: bench cleanup \S+\/tiny\/c1$/m);
      const labels = { 'bench.kubevirt.io/run': 'c1' };
      // A manifest that somebody copied, label and all.
      put(DATA_VOLUMES, {
        metadata: { name: 'copied', namespace: 'bench-c1', labels },
        spec: { source: { blank: {} }, pvc: {} },
      });
      const unasked = await bench(['cleanup']);
      expect(unasked.code).toBe(64);
      expect(unasked.out).toContain('VirtualMachine bench-c1/rhel9-1 of run c1');
      expect(listed(VIRTUAL_MACHINES)).toHaveLength(4);
      // The command as the run has printed it: the cluster is the run's.
      const argv = ['cleanup', 'c1', '--results', join(folder, 'results')];
      const done = await cli(argv, { answer: 'yes' });
      expect(done.err).toContain('left alone, since the run did not create it');
      expect(done.err).toContain('its namespace stays: DataVolume bench-c1/copied');
      expect(listed(VIRTUAL_MACHINES)).toEqual([]);
      expect(listed(DATA_VOLUMES).map(({ metadata }) => metadata.name)).toEqual(['copied']);
      expect(listed(NAMESPACES).map(({ metadata }) => metadata.name)).toContain('bench-c1');
    }),
  );

  test(
    'finds leftovers without any history, by their label',
    onCluster(async ({ bench, listed, folder }) => {
      await bench(['run', TINY, '--run-id', 'c2', '--keep']);
      renameSync(join(folder, 'results'), join(folder, 'elsewhere'));
      const done = await bench(['cleanup', 'c2', '--yes']);
      expect(done.err).toContain('nothing is left');
      expect(listed(VIRTUAL_MACHINES)).toEqual([]);
      expect(listed(VOLUMES)).toEqual([]);
    }),
  );
});
