/**
 * The roles of deploy/ against what bench does: it runs as the service account, behind a server
 * that refuses whatever they do not grant, and everything that they grant is asked for.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Use } from '../../src/cluster/grant.ts';
import { GRANTS } from '../../src/cluster/grants.ts';
import type { HttpsOptions } from '../../src/sim/apiserver/https/endpoint.ts';
import { kubeconfigText } from '../../src/sim/apiserver/https/credentials.ts';
import { cli, type CliOptions } from '../cli/harness.ts';
import {
  CONTEXT,
  type ServedCluster,
  simulatedCluster,
  withCluster,
} from '../support/https-cluster.ts';
import { rawRequest } from '../support/kubeconfig-client.ts';
import { openInThread } from '../support/open-in-thread.ts';
import {
  grantedBy,
  type RbacObject,
  rbacFile,
  rbacFront,
  textsOf,
  without,
} from '../support/rbac.ts';
import { ROOT } from '../support/sources.ts';

const EVERY_STEP = join(ROOT, 'test/support/every-step.yaml');
const TINY = join(ROOT, 'test/support/tiny.yaml');
const WHOLE = rbacFile(join(ROOT, 'deploy/base/rbac.yaml'));
const ONE_NAMESPACE = rbacFile(join(ROOT, 'deploy/one-namespace/role.yaml'));
const RUN_LABEL = 'bench.kubevirt.io/run';

const VMI = { domain: { devices: {}, memory: { guest: '1Gi' } } };
const VM = { running: false, template: { spec: VMI } };
const CLAIM = {
  accessModes: ['ReadWriteOnce'],
  storageClassName: 'ocs-storagecluster-ceph-rbd-virtualization',
  resources: { requests: { storage: '1Gi' } },
};

/** Its image is made elsewhere. */
const BORROWED = `name: borrowed
storage: { class: ocs-storagecluster-ceph-rbd-virtualization }
images: { os: { from: { dataSource: { namespace: golden, name: rhel9 } }, size: 4Gi } }
steps: [{ clone: { image: os, sources: [pvc], count: 1 } }]
`;

/** At such a speed on a busy machine figures may be doubtful, and are then said to be: exit 3. */
const FINE = [0, 3];

/** Granted, and asked for by none of the recorded commands. */
const UNASKED: Readonly<Record<string, string>> = {
  'create cdi.kubevirt.io/datavolumes/source':
    'asked by CDI about us, where clones cross namespaces',
  'list /events': 'read at a deadline alone, and this run misses none',
  'get route.openshift.io/routes': 'where a scenario asks what an OpenShift felt',
  'get /configmaps': 'the certificate of that route',
};

type Extension = NonNullable<HttpsOptions['extension']>;

interface AsServiceAccount extends ServedCluster {
  /** As the service account of deploy/. */
  bench(argv: readonly string[], options?: CliOptions): ReturnType<typeof cli>;
  seed(kind: string, metadata: object, more?: object): void;
  count(path: string): number;
}

function asServiceAccount(
  objects: () => readonly RbacObject[],
  use: (cluster: AsServiceAccount, front: ReturnType<typeof rbacFront>) => Promise<void>,
  meddle?: (cluster: ServedCluster) => Extension,
): () => Promise<void> {
  const front = rbacFront(objects);
  let served: ServedCluster | undefined;
  const meddling: { extension?: Extension } = {};
  const extension: Extension = (request) =>
    front.extension(request) ?? meddling.extension?.(request);
  return () =>
    withCluster(
      simulatedCluster,
      async (cluster) => {
        served = cluster;
        if (meddle) meddling.extension = meddle(served);
        const kubeconfig = await serviceAccountOf(cluster);
        const results = join(cluster.folder, 'results');
        await use(
          {
            ...cluster,
            bench(argv, options = {}) {
              const base = ['--kubeconfig', kubeconfig, '--context', `${CONTEXT}-token`];
              const folder = argv[0] === 'preflight' ? [] : ['--results', results];
              return cli([...argv, ...base, ...folder], { openTarget: openInThread, ...options });
            },
            seed: (kind, metadata, more = {}) => seed(cluster, kind, metadata, more),
            count(path) {
              const answer = cluster.server.handle({ method: 'GET', path });
              return (answer as { body: { items: readonly unknown[] } }).body.items.length;
            },
          },
          front,
        );
      },
      { speed: 60, extension },
    );
}

const API_VERSIONS: Readonly<Record<string, string>> = {
  VirtualMachine: 'kubevirt.io/v1',
  VirtualMachineInstance: 'kubevirt.io/v1',
  DataVolume: 'cdi.kubevirt.io/v1beta1',
  VolumeSnapshot: 'snapshot.storage.k8s.io/v1',
};

function seed({ server }: ServedCluster, kind: string, metadata: object, more: object = {}): void {
  const apiVersion = API_VERSIONS[kind] ?? 'v1';
  server.seed({ apiVersion, kind, metadata, ...more } as Parameters<typeof server.seed>[0]);
}

/** A kubeconfig with a token as the kubelet would give the pod. */
async function serviceAccountOf(cluster: ServedCluster): Promise<string> {
  const { kubeconfig, url, credentials, folder } = cluster;
  seed(cluster, 'Namespace', { name: 'bench' });
  seed(cluster, 'ServiceAccount', { name: 'bench', namespace: 'bench' });
  const path = '/api/v1/namespaces/bench/serviceaccounts/bench/token';
  const { text } = await rawRequest(kubeconfig, { method: 'POST', path, body: '{}' });
  const { token } = (JSON.parse(text) as { status: { token: string } }).status;
  const own = join(folder, 'service-account');
  writeFileSync(own, kubeconfigText(url, { ...credentials, token }, CONTEXT));
  return own;
}

/** The first creation of each kind is done, and its answer lost. */
function losingAnswers({ kernel, server }: ServedCluster): Extension {
  const seen = new Set<string>();
  return ({ method, path, query, body, user }) => {
    const kind = path.split('/').at(-1) ?? '';
    const isOurs = !user.groups.includes('system:masters') && query['dryRun'] === undefined;
    const isCreation = ['datavolumes', 'volumesnapshots', 'virtualmachines'].includes(kind);
    if (method !== 'POST' || !isOurs || !isCreation || seen.has(kind)) return undefined;
    seen.add(kind);
    kernel.inject(() => void server.handle({ method: 'POST', path, body, query }));
    const status = { kind: 'Status', status: 'Failure', code: 504, message: 'answer lost' };
    return {
      status: 504,
      body: status,
      contentType: 'application/json',
      headers: {},
      warnings: [],
    };
  };
}

function wantedBy(use: Use): readonly string[] {
  return textsOf(GRANTS.filter(({ uses }) => uses.includes(use)));
}

type Put = AsServiceAccount['seed'];

/** As the API server credits it to a run. */
function madeBy(run: string) {
  const fieldsV1 = { 'f:metadata': { 'f:labels': { [`f:${RUN_LABEL}`]: {} } } };
  const managedFields = [{ manager: `bench-run-${run}`, operation: 'Update', fieldsV1 }];
  return { labels: { [RUN_LABEL]: run }, managedFields };
}

/** One of each kind that clean-up knows, without the owner that it would go with. */
function leaveBehind(put: Put): void {
  const meta = { namespace: 'bench-old', ...madeBy('old') };
  put('Namespace', { name: 'bench-old', ...madeBy('old') });
  put('VirtualMachine', { ...meta, name: 'vm' }, { spec: VM });
  put('VirtualMachineInstance', { ...meta, name: 'orphan' }, { spec: VMI });
  put('DataVolume', { ...meta, name: 'blank' }, { spec: { source: { blank: {} }, pvc: CLAIM } });
  put('PersistentVolumeClaim', { ...meta, name: 'collected' }, { spec: CLAIM });
  const source = { persistentVolumeClaimName: 'nowhere' };
  put('VolumeSnapshot', { ...meta, name: 'of-nothing' }, { spec: { source } });
}

function cloneFromDataSource(put: Put): void {
  const sourceRef = { kind: 'DataSource', namespace: 'golden', name: 'rhel9' };
  const metadata = { name: 'theirs', namespace: 'bench', labels: { app: 'theirs' } };
  put('DataVolume', metadata, { spec: { sourceRef, pvc: CLAIM } });
}

describe('the ClusterRole of deploy/', () => {
  test(
    'grants what preflight, run, resume, cleanup and observe ask for, and nothing else',
    asServiceAccount(
      () => WHOLE,
      async ({ bench, seed: put, count, kernel, folder }, front) => {
        const checked = await bench(['preflight', EVERY_STEP]);
        expect(checked.out).not.toMatch(/WARN|FAIL/);
        const wrong = await bench(['preflight', EVERY_STEP, '--set', 'storage.class=other']);
        expect(wrong.out).toContain('set storage.class to one of');
        const borrowed = join(folder, 'borrowed.yaml');
        writeFileSync(borrowed, BORROWED);
        const absent = await bench(['preflight', borrowed]);
        expect(absent.out).toContain('DataSource golden/rhel9 does not exist');
        const interrupt = new AbortController();
        const cut = await bench(
          ['run', EVERY_STEP, '--run-id', 'e1', '--keep', '--progress', 'json'],
          {
            interrupt: interrupt.signal,
            onErr: (text) => void (text.includes('stop rhel9') && interrupt.abort('SIGTERM')),
          },
        );
        expect(cut.code).toBe(143);
        const resumed = await bench(['resume', 'e1', '--no-report']);
        expect(resumed.err).toContain('nothing is left');
        expect(FINE).toContain(resumed.code);
        const asked = new Set(front.used);
        expect([...asked].filter((text) => !wantedBy('run').includes(text))).toEqual([]);

        front.used.clear();
        leaveBehind(put);
        // Until it has grown what it grows.
        await kernel.sleep(20e6);
        const cleaned = await bench(['cleanup', 'old', '--yes']);
        expect(cleaned.err).toContain('nothing is left');
        expect(count('/api/v1/persistentvolumes')).toBe(0);
        const again = await bench(['cleanup', 'old', '--namespace', 'bench-old']);
        expect(again.err).toContain('nothing is left');
        expect([...front.used].sort()).toEqual(wantedBy('cleanup'));
        for (const text of front.used) asked.add(text);

        front.used.clear();
        const observed = await bench(
          ['observe', '--selector', 'app=theirs', '--duration', '60s', '--no-report'],
          { onErr: (text) => void (text.includes(': observing ') && cloneFromDataSource(put)) },
        );
        expect(observed.err).not.toMatch(/WARN/);
        expect([...front.used].sort()).toEqual(wantedBy('observe'));
        for (const text of front.used) asked.add(text);

        expect([...front.refused]).toEqual([]);
        const granted = grantedBy(WHOLE);
        expect([...asked, ...Object.keys(UNASKED)].sort()).toEqual(granted);
      },
      losingAnswers,
    ),
  );
});

describe('the Role of deploy/one-namespace/', () => {
  test(
    'is enough for a run in a namespace that is lent to it, and for its clean-up',
    asServiceAccount(
      () => ONE_NAMESPACE,
      async ({ bench, seed: put, count }, { refused }) => {
        put('Namespace', { name: 'bench-vms' });
        const before = count('/api/v1/namespaces');
        const lent = ['--set', 'namespace=bench-vms'];
        const run = await bench(['run', EVERY_STEP, '--run-id', 'o1', ...lent]);
        expect(run.err).not.toContain('FAIL');
        expect(run.err).toContain('WARN  permissions');
        expect(run.err).toContain('nothing is left');
        expect(FINE).toContain(run.code);
        const meta = { namespace: 'bench-vms', ...madeBy('o2') };
        put('PersistentVolumeClaim', { ...meta, name: 'collected' }, { spec: CLAIM });
        const everywhere = await bench(['cleanup', 'o2', '--yes']);
        expect(everywhere.code).toBe(64);
        expect(everywhere.err).toContain('cannot list resource "virtualmachines"');
        const here = await bench(['cleanup', 'o2', '--yes', '--namespace', 'bench-vms']);
        expect(here.err).toContain('nothing is left');
        expect(count('/api/v1/persistentvolumeclaims')).toBe(0);
        // The namespace was there before.
        expect(count('/api/v1/namespaces')).toBe(before);
        const changes = [...refused].filter((asked) => !/^(list|watch|get) /.test(asked));
        expect(changes).toEqual(['create /namespaces in the cluster']);
      },
    ),
  );
});

describe('a missing right', () => {
  test.each(['create kubevirt.io/virtualmachines', 'watch /pods', 'create /namespaces'])(
    '%s: is named, nothing is created, exit 64',
    (missing) =>
      asServiceAccount(
        () => without(WHOLE, missing),
        async ({ bench, count }) => {
          const before = count('/api/v1/namespaces');
          const run = await bench(['run', TINY, '--run-id', 'm1']);
          const [verb, path = ''] = missing.split(' ');
          expect(run.err).toContain(`not allowed: ${verb} ${path.split('/')[1]}`);
          expect(run.err.match(/FAIL/g)).toHaveLength(1);
          expect(run.code).toBe(64);
          expect(count('/api/v1/namespaces')).toBe(before);
        },
      )(),
  );

  test(
    'that explains figures is a warning that says what is lost',
    asServiceAccount(
      () => without(WHOLE, 'list /persistentvolumes'),
      async ({ bench }) => {
        const checked = await bench(['preflight', TINY]);
        expect(checked.code).toBe(0);
        expect(checked.out).toMatch(
          /WARN {2}permissions +not allowed: list persistentvolumes; without it/,
        );
        const strict = await bench(['preflight', TINY, '--strict']);
        expect(strict.code).toBe(64);
      },
    ),
  );
});
