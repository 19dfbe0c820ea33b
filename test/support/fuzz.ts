/** What is damaged by kind, and what reads it: whole commands, in this process. */

import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bench } from '../../src/cli/bench.ts';
import { openTarget } from '../../src/cli/target.ts';
import { createRng, type Rng } from '../../src/core/rng.ts';
import { EXPORT_FORMATS } from '../../src/report/export/formats.ts';
import type { Host } from '../../src/run/host.ts';
import { parse } from 'yaml';
import { createKernel } from '../../src/sim/kernel/kernel.ts';
import { mutate } from './mutate.ts';
import { startCluster } from './served-cluster.ts';

export const FUZZ_KINDS = ['scenario', 'history', 'summary', 'manifest', 'nights', 'http'] as const;

export type FuzzKind = (typeof FUZZ_KINDS)[number];

export interface Fuzz {
  /** What went wrong with one input; undefined where all was well. */
  one(rng: Rng): Promise<string | undefined>;
  close(): Promise<void>;
}

const SCENARIO = `name: fuzzed
storage: { class: ocs-storagecluster-ceph-rbd-virtualization, snapshotClass: ocs-storagecluster-rbdplugin-snapclass }
images: { rhel9: { import: { url: "http://images.example/rhel9.qcow2" }, size: 22Gi } }
steps:
  - clone: { image: rhel9, sources: [pvc, snapshot], count: 6, wave: { size: 3, pause: 5s } }
simulation: { images: { rhel9: { guest: rhel9, data: 4Gi } } }
slo: [{ metric: clone, percentile: p95, max: 10m }]
`;

export async function prepareFuzz(kind: FuzzKind): Promise<Fuzz> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-fuzz-'));
  const close = async () => rmSync(folder, { recursive: true, force: true });
  if (kind === 'http') return httpFuzz(close);
  const scenario = join(folder, 'fuzzed.yaml');
  writeFileSync(scenario, SCENARIO);
  if (kind === 'scenario') {
    return { one: (rng) => damaged(rng, scenario, SCENARIO, [['validate', scenario]]), close };
  }
  const results = join(folder, 'results');
  const nights = join(folder, 'nights');
  const made = ['--results', results, '--run-id'];
  for (const run of ['a', 'b', 'c']) {
    const gate = ['--gate', '--history', nights, '--seed', String(run.charCodeAt(0))];
    const fault = await command(['run', scenario, '--no-report', ...made, run, ...gate]);
    if (fault !== undefined) throw new Error(fault);
  }
  const run = join(results, 'fuzzed', 'b');
  if (!existsSync(run)) throw new Error('cannot prepare: the runs to damage were not made');
  const target = join(folder, 'target');
  const commands = readersOf(kind, { results, nights, out: join(folder, 'out') });
  const files = { history: 'history.ndjson', summary: 'summary.json', manifest: 'manifest.json' };
  if (kind === 'nights') {
    const path = firstFile(nights);
    const text = readFileSync(path, 'utf8');
    return { one: (rng) => damaged(rng, path, text, [rng.shuffled(commands)[0] ?? []]), close };
  }
  cpSync(run, target, { recursive: true });
  const path = join(run, files[kind]);
  const text = readFileSync(path, 'utf8');
  // Computed anew from what is damaged.
  if (kind === 'history') rmSync(join(run, 'summary.json'));
  return { one: (rng) => damaged(rng, path, text, rng.shuffled(commands).slice(0, 1)), close };
}

export function fuzzOne(fuzz: Fuzz, seed: string): Promise<string | undefined> {
  return fuzz.one(createRng(seed));
}

interface Places {
  readonly results: string;
  readonly nights: string;
  readonly out: string;
}

function readersOf(kind: FuzzKind, { results, nights, out }: Places): readonly string[][] {
  const judged = ['--history', nights, '--dry-run', '--json'];
  if (kind === 'nights')
    return [
      ['trend', nights],
      ['gate', 'a', '--results', results, ...judged],
    ];
  return [
    ...EXPORT_FORMATS.map((format) => ['export', 'b', '--format', format, '--results', results]),
    ['compare', 'a', 'b', '--results', results],
    ['compare', 'b', 'a', '--results', results, '--json'],
    ['gate', 'b', '--results', results, ...judged],
    ['resume', 'b', '--results', results, '--no-report', '--kubeconfig', join(out, 'none')],
    ['trend', results],
  ];
}

async function damaged(
  rng: Rng,
  path: string,
  text: string,
  commands: readonly (readonly string[])[],
): Promise<string | undefined> {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, mutate(text, rng), 'latin1');
  for (const args of commands) {
    const fault = await command(args);
    if (fault !== undefined) return `${args.join(' ')}: ${fault}`;
  }
  return undefined;
}

/** What of its output no user should see. */
async function command(argv: readonly string[]): Promise<string | undefined> {
  const texts: string[] = [];
  const output = { isTty: false, columns: 100, write: (text: string) => void texts.push(text) };
  const host: Host = {
    argv,
    env: {},
    version: '0.0.0-fuzz',
    out: output,
    err: output,
    clock: createKernel(),
    interrupt: new AbortController().signal,
    ask: async () => undefined,
    launch: async () => ({ code: 1, lastWords: 'no processes here' }),
    facts: () => ({ bench: '0', node: '0', platform: 'test', cpus: 1, memoryBytes: 1 }),
    rssMaxBytes: () => 1,
  };
  try {
    await bench(host, openTarget);
  } catch (error) {
    return (error as Error).stack?.split('\n').slice(0, 4).join(' | ') ?? String(error);
  }
  const text = texts.join('');
  const stack =
    /\n\s+at .*:\d+:\d+/.exec(text)?.[0] ?? /defect in run|broken invariant/.exec(text)?.[0];
  if (stack !== undefined) return `${stack.trim()} | ${text.slice(0, 300)}`;
  // Elsewhere it may be the damage that is quoted.
  if (argv[0] !== 'export') return undefined;
  const number = /[^\w"'.-](?:NaN|-?Infinity)\b/.exec(text);
  return number === null
    ? undefined
    : `a figure that is none: ${text.slice(number.index - 60, number.index + 20)}`;
}

function firstFile(folder: string): string {
  const entry = readdirSync(folder, { withFileTypes: true }).find(
    ({ name }) => !name.startsWith('.'),
  );
  const path = join(folder, entry?.name ?? '');
  return entry?.isDirectory() ? firstFile(path) : path;
}

/** One object of each shape, and where it is sent. */
const BODIES: readonly (readonly [path: string, body: object])[] = [
  ['/api/v1/namespaces', { kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'fuzz' } }],
  [
    '/api/v1/namespaces/default/configmaps',
    { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a', labels: { a: 'b' } }, data: {} },
  ],
  [
    '/apis/kubevirt.io/v1/namespaces/default/virtualmachines',
    {
      kind: 'VirtualMachine',
      apiVersion: 'kubevirt.io/v1',
      metadata: { generateName: 'vm-', annotations: {} },
      spec: { running: false, template: { spec: { domain: { devices: {} } } } },
    },
  ],
  [
    '/apis/cdi.kubevirt.io/v1beta1/namespaces/default/datavolumes',
    {
      kind: 'DataVolume',
      apiVersion: 'cdi.kubevirt.io/v1beta1',
      metadata: { generateName: 'dv-' },
      spec: { source: { blank: {} }, storage: { resources: { requests: { storage: '1Gi' } } } },
    },
  ],
];

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

const TYPES = [
  'application/json',
  'application/merge-patch+json',
  'application/json-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'application/yaml',
];

const PATCH = [
  { op: 'add', path: '/metadata/labels/x', value: 'y' },
  { op: 'copy', from: '/metadata', path: '/metadata/annotations/z' },
];

/** Requests to a served cluster: any answer is fine but a 500 that tells of a defect. */
async function httpFuzz(close: () => Promise<void>): Promise<Fuzz> {
  const served = await startCluster(['--insecure-http', '--port', '0']);
  const { server } = (parse(readFileSync(served.kubeconfig, 'utf8')) as Kubeconfig).clusters[0]
    .cluster;
  return {
    one: async (rng) => {
      const [path, body] = BODIES[rng.integer(BODIES.length)] ?? ['/', {}];
      const sent = rng.integer(3) === 0 ? PATCH : body;
      const answer = await send(new URL(server), {
        method: METHODS[rng.integer(METHODS.length)] ?? 'GET',
        path: rng.integer(2) === 0 ? path : damagedPath(path, rng),
        type: TYPES[rng.integer(TYPES.length)] ?? '',
        body: mutate(JSON.stringify(sent, undefined, 1), rng),
      });
      return /\n\s+at |TypeError|RangeError|ReferenceError/.exec(answer)?.[0];
    },
    async close() {
      await served.stop();
      await close();
    },
  };
}

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: { readonly server: string } }];
}

function damagedPath(path: string, rng: Rng): string {
  const name = ['a', '..', '%00', '%2e%2e%2f', 'x'.repeat(300), 'a/status', 'a/scale'];
  const query = ['', '?limit=-1', '?watch=1&timeoutSeconds=1', '?continue=x', '?labelSelector=(('];
  const end = [name[rng.integer(name.length)], query[rng.integer(query.length)]];
  return `${path}/${end.join('')}`;
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly type: string;
  readonly body: string;
}

/** The whole answer as text; empty where the server hung up. */
function send({ hostname, port }: URL, { method, path, type, body }: Sent): Promise<string> {
  return new Promise((resolve) => {
    const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body) };
    const outgoing = request({ hostname, port, method, path, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
    });
    outgoing.on('error', () => resolve(''));
    outgoing.end(body);
  });
}
