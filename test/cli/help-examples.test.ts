/**
 * Each example of `--help` is what a user types first, so each is run, in the order of a user's
 * first days and in one folder. An example that is missing here, or that no help shows any more,
 * fails. What needs a cluster gets the one that the example of `bench cluster` serves.
 */

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CLAIMS, NAMESPACES, VIRTUAL_MACHINES } from '../../src/api/resources.ts';
import { openTarget } from '../../src/cli/target.ts';
import { EXIT } from '../../src/core/exit-code.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { createClient } from '../../src/kube/client.ts';
import { createHttpsTransport } from '../../src/kube/https-transport.ts';
import { loadConnection } from '../../src/kube/kubeconfig.ts';
import { type RunningBench, startBench } from '../support/built-bench.ts';
import { type S3Server, startS3 } from '../support/s3-server.ts';
import { ROOT } from '../support/sources.ts';
import { cli, temporaryFolder } from './harness.ts';

interface Way {
  /** A run of less than a second is invalid (3) where this machine is late in it. */
  readonly orInvalid?: true;
  /** Further arguments: a small load, a file, a name that the example leaves open. */
  readonly more?: readonly string[];
  /** Stands for S; tiny.yaml where undefined. */
  readonly S?: string;
  /** Runs that it needs, by id. */
  readonly runs?: readonly string[];
  /** Before it. */
  readonly prepare?: () => Promise<void>;
  /** On a cluster that does all at once: the claim is not about time. */
  readonly onToy?: true;
  /** Interrupted once stderr has `gives`; exit code 130. */
  readonly goesOn?: true;
  /** Its exit code, where that says that something is not well; 0 where undefined. */
  readonly code?: number;
  /** Is on stdout or stderr afterwards. */
  readonly gives: string;
}

const TINY = 'test/support/tiny.yaml';

const set = (...fields: readonly string[]) => fields.flatMap((field) => ['--set', field]);

/** The article's waves, but few of them, and few VMs in each. */
const SHORT = [
  '0.clone.count=8 0.clone.wave.size=4 1.deploy.count=4 1.deploy.wave.size=4',
  '2.deploy.count=4 2.deploy.wave.size=4 3.boot.wave.size=4 4.boot.wave.size=4',
].flatMap((fields) => fields.split(' ').flatMap((field) => set(`steps.${field}`)));

/** A level, and then another. */
const TIMES = Array.from({ length: 40 }, (_, i) => (i < 30 ? 30 : 42) + (i % 3) / 10);

/** Pages and pictures take longer than tiny runs: they are drawn where an example is about them. */
const UNDRAWN = ['--no-report'];

/** Other scenarios have a seed-1 too. */
const APART = ['--results', 'apart'];

/** Enough of them to tell a constant. */
const BOOTS = ['--results', 'boots'];

const SIX = ['a1', 'a2', 'a3', 'b1', 'b2', 'b3'];

const ALONE: Readonly<Record<string, Way>> = {
  'bench completion bash': { gives: 'compgen' },
  'bench init': { more: ['--image', 'http://images.example/a.qcow2'], gives: 'VMs' },
  'bench init web --image docker://quay.io/containerdisks/fedora:42 --memory 4Gi': {
    gives: 'web.yaml: ',
  },
  'bench validate scenarios/*.yaml': { gives: 'scenarios/10k-mixed.yaml: ok' },
  'bench schema > bench.schema.json': { gives: '"$schema"' },
  'bench plan smoke': { gives: 'smoke' },
  'bench plan S --operations --json': { gives: '"operations"' },
  'bench plan S --run latest': {
    runs: ['planned'],
    more: APART,
    gives: 'by its fastest and slowest waves',
  },
  'bench plan S --rbac > roles.yaml': { gives: 'kind: ClusterRole' },
  'bench capacity scenarios/10k-mixed.yaml': { gives: '10,000' },
  'bench capacity S --lose 1 --cpu-ratio 4': { gives: 'fit' },
  'bench run smoke': { more: UNDRAWN, gives: 'results/smoke/seed-1' },
  'bench run scenarios/10k-mixed.yaml --json > summary.json': {
    more: [...SHORT, ...UNDRAWN],
    gives: '"schema": "bench/summary',
  },
  'bench run S --set steps.0.clone.count=200': {
    onToy: true,
    more: UNDRAWN,
    gives: 'all 400 clones done',
  },
  'bench run S --repeat 5': { more: UNDRAWN, gives: '5 runs' },
  'bench lab up lab-odf': { gives: 'HyperConverged: ', more: UNDRAWN },
  'bench report latest': { gives: 'index.html' },
  'bench compare seed-1 seed-2': { runs: ['seed-1', 'seed-2'], gives: 'unchanged', more: APART },
  'bench report seed-1 seed-2': { gives: 'index.html', more: APART },
  'bench compare --base a1 a2 a3 --head b1 b2 b3': { runs: SIX, gives: 'runs', more: APART },
  'bench gate latest --history nights': { gives: 'LEARNING' },
  'bench gate R --history nights --dry-run': { gives: 'the night was not added' },
  'bench gate R --history nights --confirm 2': { gives: 'LEARNING' },
  'bench trend nights': { gives: '1 night' },
  'bench trend --series times.csv --json': { gives: '"schema"' },
  'bench export latest --format kube-burner --out docs/': { gives: 'docs' },
  'bench export R --format chrome-trace > trace.json': { gives: 'traceEvents' },
  'bench export R --format grafana --out dashboards': { gives: 'bench-openmetrics.json' },
  'bench export R --format otlp > traces.jsonl': { gives: 'resourceSpans' },
  'bench calibrate latest --out twin.yaml': {
    prepare: measureBoots,
    more: [...BOOTS, ...UNDRAWN],
    gives: 'twin: twin.yaml',
  },
  'bench calibrate latest --against twin.yaml': {
    more: [...BOOTS, ...UNDRAWN],
    gives: 'nothing has moved',
  },
  'bench run S --twin twin.yaml': { more: UNDRAWN, gives: 'SIMULATED, calibrated on run boots' },
  'bench resume latest': {
    prepare: cutOff,
    more: ['--results', 'cut', ...UNDRAWN],
    gives: 'tiny, run cut',
  },
  'bench study S --vary steps.1.boot.wave.size=25,50,100,200': {
    S: 'test/support/boots.yaml',
    onToy: true,
    more: [...set('steps.0.deploy.count=200'), ...UNDRAWN],
    gives: '4 points, 4 runs',
  },
  'bench study S --vary simulation.attacher.qps=5,10 --repeat 5': {
    more: UNDRAWN,
    gives: '2 points, 10 runs',
  },
  'bench study S --sensitivity=kubelet,virtHandler': {
    onToy: true,
    more: UNDRAWN,
    gives: 'is moved by nothing',
  },
  'bench study study.yaml --jobs 2': {
    prepare: async () => {
      const targets = 'targets: [{ name: a, embedded: true }, { name: b, embedded: true }]';
      writeFileSync('study.yaml', `scenario: ${TINY}\n${targets}\n`);
    },
    more: UNDRAWN,
    gives: '1 point on 2 clusters, 2 runs',
  },
  'bench study manifests study.yaml --image registry.example/bench:0.2.0 > job.yaml': {
    gives: 'completionMode: Indexed',
  },
  'bench study manifests study.yaml --image I --bucket-class ocs-storagecluster-ceph-rgw': {
    gives: 'kind: ObjectBucketClaim',
  },
  'bench study point study.yaml --index 0': { gives: 'a-p1-r1 is made' },
  'bench study merge results/tiny/nightly': {
    prepare: async () => {
      const study = readFileSync('study.yaml', 'utf8');
      writeFileSync('nightly.yaml', `name: nightly\n${study}`);
      for (const index of ['0', '1']) {
        await cli(['study', 'point', 'nightly.yaml', '--index', index], { openTarget });
      }
    },
    more: UNDRAWN,
    gives: '1 point on 2 clusters, 2 runs',
  },
  'bench study merge s3://my-bucket/studies': {
    prepare: async () => {
      for (const index of ['0', '1']) {
        const where = ['--bucket', 's3://my-bucket/studies', '--results', `pod-${index}`];
        const point = ['study', 'point', 'nightly.yaml', '--index', index, ...where];
        await cli(point, { openTarget, env: s3.env() });
      }
    },
    more: [...UNDRAWN, '--results', 'brought'],
    gives: '1 point on 2 clusters, 2 runs',
  },
  "bench study S --vary steps.1.boot.wave.size=10..100 --until 'guestReady.p95<=60s'": {
    S: 'test/support/boots.yaml',
    onToy: true,
    more: set('steps.0.deploy.count=100'),
    gives: 'Both ends keep guestReady p95 <= 60.0 s',
  },
};

const SERVING = 'bench cluster --write-kubeconfig k.yaml';

const ON_A_CLUSTER: Readonly<Record<string, Way>> = {
  'bench cluster --speed 60 --fault requests.errors=2%': { goesOn: true, gives: 'Ctrl-C ends it' },
  'bench run S --context prod --allow-exec': {
    S: join(ROOT, 'test/support/external.yaml'),
    more: UNDRAWN,
    orInvalid: true,
    gives: 'nothing is left',
  },
  'bench preflight S --context prod': { gives: 'rights are there' },
  'bench lab check scenarios/lab-odf.yaml --context prod': {
    code: 64,
    gives: 'lab-odf is not ready',
  },
  'bench init web --from-vm web-1 -n shop --context prod': {
    more: ['--force'],
    gives: 'web.yaml: ',
  },
  'bench observe --selector app=mine --context prod': { goesOn: true, gives: 'observing' },
  'bench observe --selector app=mine --context prod --until-idle 5m': {
    goesOn: true,
    gives: 'observing',
  },
  'bench observe --selector kube-burner-job=dv --namespace load --duration 1h --context prod': {
    goesOn: true,
    gives: 'observing',
  },
  'bench cleanup --context prod': { gives: 'nothing is left' },
  'bench cleanup latest --yes': { gives: 'nothing is left' },
};

const before = process.cwd();

let s3: S3Server;

beforeAll(async () => {
  // The clock of commands in tests stands still there.
  s3 = await startS3({ bucket: 'my-bucket', nowMs: () => 1_717_200_000_000 });
  process.chdir(temporaryFolder());
  cpSync(join(ROOT, 'scenarios'), 'scenarios', { recursive: true });
  mkdirSync('test/support', { recursive: true });
  cpSync(join(ROOT, TINY), TINY);
  const tiny = readFileSync(TINY, 'utf8');
  const [head = ''] = tiny.split('  - clone:');
  writeFileSync('test/support/boots.yaml', `${head}${tiny.slice(tiny.indexOf('  - deploy:'))}`);
  writeFileSync(
    'times.csv',
    `time,value\n${TIMES.map((value, i) => `${i},${value}`).join('\n')}\n`,
  );
});

afterAll(async () => {
  process.chdir(before);
  vi.unstubAllEnvs();
  await s3.close();
});

test('each example is in the table, and each in the table is an example', () => {
  const known = [...Object.keys(ALONE), SERVING, ...Object.keys(ON_A_CLUSTER)];
  expect(known.sort()).toEqual([...examples()].sort());
});

describe('an example', () => {
  test.each(Object.entries(ALONE))(
    '%s',
    async (example, { runs = [], prepare, onToy, more = [], S, gives }) => {
      await prepare?.();
      for (const [seed, id] of runs.entries()) {
        const run = ['run', TINY, '--run-id', id, '--seed', String(seed), ...APART, ...UNDRAWN];
        await cli(run, { openTarget });
      }
      const cluster = onToy ? {} : { openTarget };
      const options = { ...cluster, env: s3.env() };
      const { code, out, err } = await cli([...argvOf(example, S), ...more], options);
      expect({ code, said: `${out}${err}` }).toEqual({
        code: 0,
        said: expect.stringContaining(gives),
      });
    },
  );

  describe('with a cluster', () => {
    let serving: RunningBench;

    beforeAll(async () => {
      serving = startBench(argvOf(SERVING), '.');
      await serving.told('Ctrl-C ends it');
      // As an administrator names a cluster.
      const kubeconfig = readFileSync('k.yaml', 'utf8').replaceAll('simulated', 'prod');
      writeFileSync('prod.yaml', kubeconfig);
      vi.stubEnv('KUBECONFIG', 'prod.yaml');
      await makeVm();
    });

    afterAll(async () => {
      serving.process.kill('SIGINT');
      expect((await serving.done).code).toBe(130);
    });

    test.each(Object.entries(ON_A_CLUSTER))('%s', async (example, way) => {
      const { S, more = [], goesOn, gives, orInvalid = false, code: ends = 0 } = way;
      const started = startBench([...argvOf(example, S), ...more], '.');
      if (goesOn) {
        await started.told(gives);
        started.process.kill('SIGINT');
      }
      const { code, out, err } = await started.done;
      expect({ code, said: `${out}${err}` }).toEqual({
        code: goesOn ? 130 : orInvalid && code === EXIT.invalid ? code : ends,
        said: expect.stringContaining(gives),
      });
    });
  });
});

/** A run that was killed in its middle: half of a history, and no figures. */
async function cutOff(): Promise<void> {
  await cli(['run', TINY, '--run-id', 'cut', '--results', 'cut', ...UNDRAWN], { openTarget });
  const folder = 'cut/tiny/cut';
  const history = readFileSync(join(folder, 'history.ndjson'), 'utf8');
  writeFileSync(join(folder, 'history.ndjson'), history.slice(0, history.length / 2));
  rmSync(join(folder, 'summary.json'));
  const { finished: _, ...open } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(open));
}

async function measureBoots(): Promise<void> {
  const many = set('steps.0.deploy.count=12', 'steps.1.boot.wave.size=6');
  const run = ['run', 'test/support/boots.yaml', '--run-id', 'boots', ...many, ...BOOTS];
  await cli([...run, ...UNDRAWN], { openTarget });
}

/** The VM that is taken for a model. */
async function makeVm(): Promise<void> {
  const connection = await loadConnection({ kubeconfig: 'prod.yaml' });
  const transport = await createHttpsTransport({
    connection,
    clock: systemClock(),
    userAgent: 'test',
  });
  const client = createClient(transport);
  await client.create(NAMESPACES, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop' },
  });
  const disks = [{ name: 'root', disk: { bus: 'virtio' } }];
  const domain = { devices: { disks }, memory: { guest: '1Gi' } };
  const volumes = [{ name: 'root', persistentVolumeClaim: { claimName: 'web-1' } }];
  const spec = { runStrategy: 'Halted' as const, template: { spec: { domain, volumes } } };
  const metadata = { namespace: 'shop', name: 'web-1' };
  await client.create(CLAIMS, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata,
    spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } } },
  });
  await client.create(VIRTUAL_MACHINES, {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata,
    spec,
  });
  transport.close();
}

/** As a shell would: names in place of S and R, files in place of a pattern, stdout is ours. */
function argvOf(example: string, S = TINY): readonly string[] {
  const [, ...words] = example.replace(/ > .*/, '').split(' ');
  return words.flatMap((word) => {
    if (word === 'S') return [S];
    if (/^'.*'$/.test(word)) return [word.slice(1, -1)];
    if (word === 'R') return ['latest'];
    if (word !== 'scenarios/*.yaml') return [word];
    const files = readdirSync('scenarios').filter((name) => name.endsWith('.yaml'));
    return files.map((name) => `scenarios/${name}`);
  });
}

/** As the sources of the commands have them; `$0` is the program's name. */
function examples(): readonly string[] {
  const folder = join(ROOT, 'src/cli');
  return readdirSync(folder).flatMap((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const found = [...text.matchAll(/\.example\(\s*(['"])(.*?)\1/gs)].map(
      ([, , line = '']) => line,
    );
    expect(found).toHaveLength(text.split('.example(').length - 1);
    return found.map((line) => line.replace('$0', 'bench').replace(/^source <\((.*)\)$/, '$1'));
  });
}
