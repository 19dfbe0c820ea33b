/**
 * A study as an Indexed Job: its manifests taken in by the simulated API server, its pods made by
 * the Job controller, and run as processes; two are evicted on the way, and one cluster's Secret
 * is of no use.
 */

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { PODS, type Resource } from '../../src/api/resources.ts';
import type { KubeObject } from '../../src/api/object.ts';
import { openTarget } from '../../src/cli/target.ts';
import type { StudySummary } from '../../src/compare/study-summary.ts';
import { MILLISECOND } from '../../src/core/duration.ts';
import { createRng } from '../../src/core/rng.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { createClient } from '../../src/kube/client.ts';
import { inProcessTransport } from '../../src/sim/apiserver/in-process.ts';
import { createApiServer } from '../../src/sim/apiserver/server/server.ts';
import { createChassis } from '../../src/sim/controllers/chassis/chassis.ts';
import { startIndexedJobs } from '../../src/sim/controllers/workloads/indexed-jobs.ts';
import type { Job } from '../../src/sim/controllers/workloads/job-state.ts';
import { createPacedKernel } from '../../src/sim/kernel/paced-clock.ts';
import { cli, temporaryFolder } from '../cli/harness.ts';
import { type ProcessKubelet, startProcessKubelet } from '../support/process-kubelet.ts';
import { KEYS, type S3Server, startS3 } from '../support/s3-server.ts';
import { ROOT } from '../support/sources.ts';

const CLUSTERS = ['a', 'b', 'c', 'd', 'e'];

const STUDY = `
name: nightly
scenario: scenario/tiny.yaml
targets:
${CLUSTERS.map((name) => `  - { name: ${name}, embedded: true }`).join('\n')}
  - { name: bad, kubeconfig: bad.kubeconfig }
`;

const folder = temporaryFolder();
const study = join(folder, 'study.yaml');

function writeStudy(): void {
  mkdirSync(join(folder, 'scenario'));
  copyFileSync(join(ROOT, 'scenarios/templates/rhel9.yaml'), join(folder, 'vm.yaml'));
  const tiny = readFileSync(join(ROOT, 'test/support/tiny.yaml'), 'utf8');
  const text = tiny.replace('../../scenarios/templates/rhel9.yaml', '../vm.yaml');
  writeFileSync(join(folder, 'scenario/tiny.yaml'), text);
  writeFileSync(study, STUDY);
}

const PLURALS: Readonly<Record<string, string>> = {
  ServiceAccount: 'serviceaccounts',
  ConfigMap: 'configmaps',
  Secret: 'secrets',
  PersistentVolumeClaim: 'persistentvolumeclaims',
  Job: 'jobs',
};

function resourceOf({ apiVersion, kind }: KubeObject): Resource {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  return { group, version, kind, plural: PLURALS[kind] ?? '', namespaced: true };
}

/** Against what hangs: sixteen processes take half a minute, on a busy machine five. */
const JOB_TIMEOUT_MS = 600_000;

const NAMESPACE = 'bench';
const JOB = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'bench-nightly' } };

const SECRET = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'kubeconfig-bad', namespace: NAMESPACE },
  data: { kubeconfig: Buffer.from('contexts: []').toString('base64') },
};

function documentsOf(manifests: string): readonly KubeObject[] {
  return parseAllDocuments(manifests).map((each) => each.toJS() as KubeObject);
}

interface JobRun {
  readonly job: Job;
  readonly kubelet: ProcessKubelet;
}

interface Around {
  readonly evictions: ReadonlyMap<string, 'SIGTERM' | 'SIGKILL'>;
  /** Objects that are there before. */
  readonly objects?: readonly KubeObject[];
  /** Folder of the results that a pod sees, where it is on its own disk. */
  readonly isOwnDisk?: boolean;
}

/** Runs the Job to its end; once a run has begun that is named, its pod is evicted. */
async function runJob(
  manifests: string,
  { evictions, objects = [], isOwnDisk = false }: Around,
): Promise<JobRun> {
  const kernel = createPacedKernel({ speed: 20, wall: systemClock() });
  const rng = createRng(1);
  const server = createApiServer({ clock: kernel, rng, historyLength: 1000 });
  const transport = inProcessTransport(server, { clock: kernel, roundTripUs: 0, watchDelayUs: 0 });
  const client = createClient(transport);
  const onError = (error: unknown) => kernel.crash(error);
  const left = new Map(evictions);
  return kernel.run(async () => {
    const running = createChassis({ clock: kernel, rng, transport, recordEvents: false, onError });
    startIndexedJobs(running.chassis);
    const pods = running.chassis.informer(PODS);
    const kubelet = startProcessKubelet({ kernel, client, pods, root: temporaryFolder() });
    await running.begin();
    const documents = documentsOf(manifests);
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
    await client.create(
      { ...resourceOf(namespace), plural: 'namespaces', namespaced: false },
      namespace,
    );
    for (const object of [SECRET, ...objects, ...documents])
      await client.create(resourceOf(object), object);
    for (;;) {
      await kernel.sleep(400 * MILLISECOND);
      for (const [run, signal] of left) {
        const pod = kubelet.started.findLast((each) => isOf(each, run));
        const uid = pod?.metadata.uid ?? '';
        const data = isOwnDisk ? join(kubelet.home(uid), 'data') : kubelet.claim('bench-nightly');
        const begun = join(data, 'results/tiny/nightly', run);
        if (!existsSync(join(begun, 'manifest.json')) || pod === undefined) continue;
        if (kubelet.evict(uid, signal)) left.delete(run);
      }
      const ref = { name: JOB.metadata.name, namespace: NAMESPACE };
      const job = await client.get(resourceOf(JOB) as Resource<Job>, ref);
      if (job.status?.conditions?.length) {
        running.stop();
        return { job, kubelet };
      }
    }
  });
}

function isOf({ metadata }: KubeObject, run: string): boolean {
  const index = metadata.annotations?.['batch.kubernetes.io/job-completion-index'];
  return index === String(CLUSTERS.indexOf(run.slice(0, 1)));
}

beforeAll(writeStudy);

let answerInClaim: StudySummary;

describe('a study as an Indexed Job', () => {
  let run: JobRun;

  beforeAll(async () => {
    const made = await cli(['study', 'manifests', study, '--image', 'x', '--parallelism', '2']);
    expect(made.err).toBe('');
    const evictions = new Map([
      ['b-p1-r1', 'SIGKILL'],
      ['d-p1-r1', 'SIGTERM'],
    ] as const);
    // Its page costs more than all of its runs; the other one has one.
    const plain = made.out.replace(/^( +)- --merge$/m, '$&\n$1- --no-report');
    run = await runJob(plain, { evictions });
  }, JOB_TIMEOUT_MS);

  test('ends whole, evicted pods replaced, and what was found is no reason to try again', () => {
    expect(run.job.status).toMatchObject({
      active: 0,
      succeeded: CLUSTERS.length + 1,
      failed: 0,
      completedIndexes: `0-${CLUSTERS.length}`,
      conditions: [{ type: 'Complete', status: 'True' }],
    });
    expect(run.kubelet.started).toHaveLength(CLUSTERS.length + 1 + 2);
  });

  test('tells a pod its index as the real controller does, by a label that the kubelet reads', () => {
    const [container] = run.kubelet.started[0]?.spec.containers ?? [];
    expect(container?.env).toContainEqual({
      name: 'JOB_COMPLETION_INDEX',
      valueFrom: {
        fieldRef: {
          apiVersion: 'v1',
          fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']",
        },
      },
    });
  });

  test('has the figures of an undisturbed one, and names the cluster that has none', async () => {
    const path = join(run.kubelet.claim('bench-nightly'), 'results/tiny/nightly');
    expect(readdirSync(path).filter((name) => /^[a-e]-p1-r1$/.test(name))).toHaveLength(5);
    // Its last pod has merged.
    const answer = readFileSync(join(path, 'study.json'), 'utf8');
    const merged = await cli(['study', 'merge', path, '--json']);
    expect(merged.code).toBe(5);
    expect(merged.out).toBe(answer);
    const quiet = join(folder, 'quiet');
    await cli(['study', study, '--results', quiet], { openTarget });
    const read = (text: string): StudySummary => JSON.parse(text);
    const [here, there] = [
      read(merged.out),
      read(readFileSync(join(quiet, 'tiny/nightly/study.json'), 'utf8')),
    ];
    answerInClaim = here;
    expect(here.pooled).toEqual(there.pooled);
    expect(here.points.slice(0, 5)).toEqual(there.points.slice(0, 5));
    expect(here.points[5]?.failures).toEqual([
      expect.stringMatching(/^nightly-bad-p1-r1 ended with 64: .*the kubeconfig/),
    ]);
  });
});

describe('the same in the bucket of an ObjectBucketClaim', () => {
  let run: JobRun;
  let s3: S3Server;
  let manifests: string;

  const text = (key: string) =>
    s3.objects.get(`results/tiny/nightly/${key}`)?.data.toString() ?? '';
  const object = (kind: string, name: string, data: Readonly<Record<string, string>>) =>
    ({ apiVersion: 'v1', kind, metadata: { name, namespace: NAMESPACE }, data }) as KubeObject;

  beforeAll(async () => {
    const few = join(folder, 'few.yaml');
    writeFileSync(few, STUDY.replace(/  - \{ name: [cde], .*\n/g, ''));
    s3 = await startS3({ tls: true });
    const { hostname, port } = new URL(s3.url);
    const encoded = Object.entries(KEYS).map(([key, value]) => [key, btoa(value)] as const);
    const objects = [
      object('Secret', 'nights', Object.fromEntries(encoded)),
      object('ConfigMap', 'nights', {
        BUCKET_NAME: 'results',
        BUCKET_HOST: hostname,
        BUCKET_PORT: port,
      }),
      object('ConfigMap', 'trusted', { 'service-ca.crt': s3.authority }),
    ];
    const bucket = ['--bucket-claim', 'nights', '--bucket-ca', 'trusted/service-ca.crt'];
    const made = await cli([
      'study',
      'manifests',
      few,
      '--image',
      'x',
      '--parallelism',
      '2',
      ...bucket,
    ]);
    manifests = made.out;
    const evictions = new Map([['b-p1-r1', 'SIGKILL']] as const);
    run = await runJob(manifests, { evictions, objects, isOwnDisk: true });
  }, JOB_TIMEOUT_MS);

  afterAll(() => s3.close());

  test('ends whole, needs no claim, and its last pod has merged', () => {
    expect(manifests).not.toContain('PersistentVolumeClaim');
    expect(run.job.status).toMatchObject({ succeeded: 3, failed: 0, completedIndexes: '0-2' });
    expect(run.kubelet.started).toHaveLength(3 + 1);
    expect(text('study.csv')).toContain('vmiRunning');
    expect(text('report/index.html')).toContain('<html');
  });

  test('has the figures of the one in a claim, and names the cluster that has none', () => {
    const { points } = JSON.parse(text('study.json')) as StudySummary;
    expect(points.slice(0, 2)).toEqual(answerInClaim.points.slice(0, 2));
    expect(points[2]?.failures).toEqual([
      expect.stringMatching(/^nightly-bad-p1-r1 ended with 64: .*the kubeconfig/),
    ]);
    expect([...s3.objects.keys()].filter((key) => key.endsWith('.lock'))).toEqual([]);
  });
});

describe('the manifests', () => {
  const manifests = (...more: readonly string[]) =>
    cli(['study', 'manifests', study, '--image', 'x', ...more]);

  test('hold a Secret by its name alone, and fail indexes only where that is asked for', async () => {
    const plain = (await manifests()).out;
    expect(plain).toContain('secretName: kubeconfig-bad');
    expect(plain).not.toMatch(/kind: Secret|backoffLimitPerIndex|FailIndex/);
    const { out } = await manifests('--backoff-per-index', '1', '--queue', 'nights');
    expect(out).toContain('kueue.x-k8s.io/queue-name: nights');
    const [job] = documentsOf(out).filter(({ kind }) => kind === 'Job') as Job[];
    expect(job?.spec).toMatchObject({
      backoffLimitPerIndex: 1,
      podFailurePolicy: {
        rules: [
          { action: 'Ignore' },
          { action: 'FailIndex', onExitCodes: { values: [2, 3, 4, 5, 64] } },
        ],
      },
    });
  });

  test('hold of a bucket its address, and by name who may use it', async () => {
    const own = ['--bucket', 's3://b-1/x/', '--bucket-endpoint', 'https://minio:9000'];
    const { out } = await manifests(...own);
    expect(out).toContain('create secret generic bench-bucket --from-env-file=FILE');
    expect(out).not.toMatch(/PersistentVolumeClaim|kind: Secret/);
    const [job, merge] = documentsOf(out).filter(({ kind }) => kind === 'Job') as Job[];
    const of = (each: Job | undefined) => each?.spec.template.spec.containers[0];
    expect(of(job)?.args).toEqual(expect.arrayContaining(['--bucket=s3://b-1/x', '--merge']));
    expect(of(merge)?.args?.slice(0, 3)).toEqual(['study', 'merge', 's3://b-1/x/tiny/nightly']);
    const key = (name: string, more = {}) => ({
      name,
      valueFrom: { secretKeyRef: { name: 'bench-bucket', key: name, ...more } },
    });
    expect(of(merge)?.env).toEqual([
      key('AWS_ACCESS_KEY_ID'),
      key('AWS_SECRET_ACCESS_KEY'),
      key('AWS_SESSION_TOKEN', { optional: true }),
      { name: 'AWS_ENDPOINT_URL', value: 'https://minio:9000' },
    ]);
    expect(job?.spec.template.spec.volumes).toContainEqual({ name: 'data', emptyDir: {} });
  });

  test('claim a bucket of a class', async () => {
    const { out } = await manifests('--bucket-class', 'ocs-storagecluster-ceph-rgw');
    expect(documentsOf(out).find(({ kind }) => kind === 'ObjectBucketClaim')).toMatchObject({
      apiVersion: 'objectbucket.io/v1alpha1',
      metadata: { name: 'bench-nightly', namespace: 'bench' },
      spec: {
        generateBucketName: 'bench-nightly',
        storageClassName: 'ocs-storagecluster-ceph-rgw',
      },
    });
    expect(out).toContain('--bucket=s3://$(BUCKET_NAME)');
  });

  test.each([
    [['--bucket', 's3://b-1', '--bucket-class', 'c'], 'say one of --bucket'],
    [['--bucket-secret', 's'], '--bucket-secret of which bucket'],
    [['--bucket-class', 'c', '--bucket-region', 'r'], 'a claim says itself'],
    [['--bucket', 's3://b-1', '--storage-class', 'c'], 'a bucket takes its place'],
    [['--bucket', 's3://b-1', '--bucket-ca', 'x'], 'NAME/KEY'],
    [['--bucket', 's3://k:s@b-1'], 'credentials in a bucket address'],
  ])('are refused with %j', async (more, sentence) => {
    const { code, err } = await manifests(...more);
    expect(code).toBe(64);
    expect(err).toContain(sentence);
  });

  test('are refused where a file holds a password', async () => {
    const vm = join(folder, 'vm.yaml');
    const text = readFileSync(vm, 'utf8');
    const label = /^( +)kubevirt.io\/domain: rhel9$/m;
    writeFileSync(vm, text.replace(label, '$&\n$1password: hunter2'));
    const before = await manifests();
    writeFileSync(vm, text);
    expect(before.err).toMatch(/vm\.yaml:\d+ holds what looks like a password/);
    expect(before.out).toBe('');
  });
});
