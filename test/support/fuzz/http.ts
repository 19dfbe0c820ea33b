/** Damaged requests to a served cluster: any answer is fine but one that tells of a defect. */

import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { parse } from 'yaml';
import type { Rng } from '../../../src/core/rng.ts';
import { startCluster } from '../served-cluster.ts';
import type { Fuzz } from './fuzz.ts';
import { mutate } from './mutate.ts';
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

export async function httpFuzz(close: () => Promise<void>): Promise<Fuzz> {
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

const agent = new Agent({ keepAlive: true });

/** The whole answer as text; empty where the server hung up. */
function send({ hostname, port }: URL, { method, path, type, body }: Sent): Promise<string> {
  return new Promise((resolve) => {
    const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body) };
    const outgoing = request({ hostname, port, method, path, headers, agent }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
    });
    outgoing.on('error', () => resolve(''));
    outgoing.end(body);
  });
}
