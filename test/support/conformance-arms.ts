/**
 * The servers that the conformance suite asks: the simulated one, and with CONFORMANCE_KUBECONFIG a
 * real one on which `bench cluster crds` has been applied. What fails on a real server is wrong
 * here, whatever the simulated one does.
 */

import { request as plain } from 'node:http';
import { request as tls } from 'node:https';
import { describe } from 'vitest';
import type { KubeObject } from '../../src/api/object.ts';
import { CONFIG_MAPS, DATA_VOLUMES, NAMESPACES, type Resource } from '../../src/api/resources.ts';
import type { Method, WatchEnd, WatchEvent } from '../../src/api/transport.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { createClient, type KubeClient } from '../../src/kube/client.ts';
import type { Connection } from '../../src/kube/connection.ts';
import { createHttpsTransport } from '../../src/kube/https-transport.ts';
import { loadConnection } from '../../src/kube/kubeconfig.ts';
import { collectionPath, objectPath } from '../../src/kube/paths.ts';
import { RELEASES } from '../../src/parameters/release.ts';
import { startCluster } from './served-cluster.ts';

/** Of a real API server; undefined where none is at hand, which is said aloud. */
export const REAL_KUBECONFIG = process.env['CONFORMANCE_KUBECONFIG'];

/** What a server may have beside Kubernetes itself; our simulated cluster has both. */
export type Product = 'kubevirt' | 'cdi';

/** Of the real API server: `kubevirt,cdi`. */
const REAL_PRODUCTS = (process.env['CONFORMANCE_PRODUCTS'] ?? '').split(',');

export interface Arm {
  readonly name: 'simulated' | 'real';
  /** A kubeconfig, and how to let go of its server. */
  open(): Promise<{ readonly kubeconfig: string; stop(): Promise<unknown> }>;
}

/** What is compared of an answer, whatever its kind. */
export interface Reply {
  readonly status: number;
  readonly body: KubeObject & {
    readonly reason?: string;
    readonly message?: string;
    readonly data?: Readonly<Record<string, string>>;
    readonly items?: readonly KubeObject[];
    readonly spec?: Readonly<Record<string, unknown>>;
    readonly status?: unknown;
    readonly details?: {
      readonly causes?: readonly {
        readonly reason: string;
        readonly field?: string;
        readonly message?: string;
      }[];
    };
  };
}

export interface PlainReply {
  readonly status: number;
  readonly text: string;
  readonly allow: string | undefined;
}

export interface Asking {
  readonly query?: Readonly<Record<string, string>>;
  readonly contentType?: string;
}

/** One server under test, with a namespace of its own in it. */
export interface Subject {
  readonly namespace: string;
  readonly client: KubeClient;
  ask(method: Method, path: string, body?: unknown, more?: Asking): Promise<Reply>;
  merge(path: string, body: unknown): Promise<Reply>;
  /** A GET that asks for another form of the answer. */
  accept(path: string, mediaType: string): Promise<unknown>;
  /** A request without a body that names the form of its answer; the text of that. */
  plainly(method: Method, path: string, accept: string): Promise<PlainReply>;
  readonly maps: string;
  readonly volumes: string;
  mapPath(name: string): string;
  volumePath(name: string): string;
  configMap(name: string, metadata?: Partial<KubeObject['metadata']>): KubeObject;
  dataVolume(name: string, metadata?: Partial<KubeObject['metadata']>): KubeObject;
  createMap(name: string, metadata?: Partial<KubeObject['metadata']>): Promise<KubeObject>;
  watch(resource: Resource, query: Readonly<Record<string, string>>): Watching;
  close(): Promise<void>;
}

export interface Watching {
  readonly events: readonly WatchEvent[];
  readonly ends: readonly WatchEnd[];
  stop(): void;
}

const clock = systemClock();

const BARE = ['--no-simulate', '--speed', '10'];

/** A server that has forgotten its first versions: a real one keeps none from before its start. */
export function forgetful(arm: Arm): Arm {
  if (arm.name === 'real') return arm;
  return { ...arm, open: () => startCluster([...BARE, '--fault', 'server.compactEvery=1s']) };
}

const ARMS: readonly Arm[] = [
  { name: 'simulated', open: () => startCluster(BARE) },
  ...(REAL_KUBECONFIG === undefined
    ? []
    : [
        {
          name: 'real' as const,
          open: async () => ({ kubeconfig: REAL_KUBECONFIG, stop: async () => {} }),
        },
      ]),
];

/** Whether a CDI of its own has a say in DataVolumes, which stand for any custom kind otherwise. */
export function ownsVolumes({ name }: Arm): boolean {
  return name === 'real' && REAL_PRODUCTS.includes('cdi');
}

/** The suite once for each server that has the product, and its controllers. */
export function onEachArmWith(product: Product, body: (arm: Arm) => void): void {
  for (const release of RELEASES) {
    const options = ['--speed', '10', '--set', `simulation.release=${release}`];
    const arm: Arm = { name: 'simulated', open: () => startCluster(options) };
    describe(`simulated ${product} of ${release}`, () => body(arm));
  }
  const real = ARMS.filter(({ name }) => name === 'real' && REAL_PRODUCTS.includes(product));
  describe.each(real)(`$name ${product}`, body);
}

/** The suite once for each server; `body` gets the subject once it is open. */
export function onEachArm(what: string, body: (arm: Arm) => void): void {
  if (REAL_KUBECONFIG === undefined) {
    process.stderr.write('\nSKIPPED: no real API server (CONFORMANCE_KUBECONFIG is not set)\n\n');
  }
  describe.each(ARMS)(`$name API server: ${what}`, body);
}

let subjects = 0;

export async function openSubject(arm: Arm): Promise<Subject> {
  const opened = await arm.open();
  const connection = await loadConnection({ kubeconfig: opened.kubeconfig });
  const transport = await createHttpsTransport({ connection, clock, userAgent: 'conformance' });
  const client = createClient(transport);
  subjects += 1;
  const namespace = `conformance-${clock.wallUs()}-${subjects}`;
  const ask = async (method: Method, path: string, body?: unknown, more: Asking = {}) => {
    const sent = body === undefined ? {} : { body };
    return (await transport.request({ method, path, ...sent, ...more })) as Reply;
  };
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  const made = await ask('POST', collectionPath(NAMESPACES), object);
  if (made.status !== 201) throw new Error(`namespace: ${made.status} ${made.body.message}`);
  const maps = collectionPath(CONFIG_MAPS, namespace);
  const configMap = configMapIn(namespace);
  return {
    namespace,
    client,
    ask,
    merge: (path, body) =>
      ask('PATCH', path, body, { contentType: 'application/merge-patch+json' }),
    accept: async (path, mediaType) =>
      JSON.parse((await send(connection, 'GET', path, mediaType)).text) as unknown,
    plainly: (method, path, accept) => send(connection, method, path, accept),
    maps,
    volumes: collectionPath(DATA_VOLUMES, namespace),
    mapPath: (name) => objectPath(CONFIG_MAPS, { namespace, name }),
    volumePath: (name) => objectPath(DATA_VOLUMES, { namespace, name }),
    configMap,
    dataVolume: dataVolumeIn(namespace),
    createMap: async (name, metadata = {}) =>
      (await ask('POST', maps, configMap(name, metadata))).body,
    watch: (resource, query) => watch(client, resource, query, namespace),
    async close() {
      await ask('DELETE', objectPath(NAMESPACES, { name: namespace }));
      transport.close();
      await opened.stop();
    },
  };
}

/** Looks again and again for ten seconds at most; the caller says what was expected. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  triesMax = 500,
): Promise<void> {
  for (let tries = 0; tries < triesMax && !(await condition()); tries++) await clock.sleep(20_000);
}

/** Of a list: its version, and where it goes on. */
export function listMeta({ body }: Reply) {
  return body.metadata as {
    readonly continue?: string;
    readonly resourceVersion?: string;
    readonly remainingItemCount?: number;
  };
}

function configMapIn(namespace: string): Subject['configMap'] {
  return (name, metadata = {}) => {
    const data = { key: 'value' };
    const named = { namespace, ...metadata, name };
    return { apiVersion: 'v1', kind: 'ConfigMap', metadata: named, data } as KubeObject;
  };
}

function dataVolumeIn(namespace: string): Subject['dataVolume'] {
  return (name, metadata = {}) => ({
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: { namespace, ...metadata, name },
    spec: {
      source: { blank: {} },
      pvc: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
  });
}

function watch(
  client: KubeClient,
  resource: Resource,
  query: Readonly<Record<string, string>>,
  namespace: string,
): Watching {
  const events: WatchEvent[] = [];
  const ends: WatchEnd[] = [];
  const sink = {
    opened: () => {},
    event: (event: WatchEvent) => void events.push(event),
    ended: (end: WatchEnd) => void ends.push(end),
  };
  return { events, ends, stop: client.watch(resource, query, sink, namespace) };
}

async function send(
  connection: Connection,
  method: Method,
  path: string,
  accept: string,
): Promise<PlainReply> {
  const url = `${connection.server}${path}`;
  const headers = { ...(await connection.headers()), accept };
  const agent = await connection.agent(1);
  const begin = url.startsWith('https:') ? tls : plain;
  return new Promise((resolve, reject) => {
    const outgoing = begin(url, { agent, headers, method }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => void chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        agent.destroy();
        const text = Buffer.concat(chunks).toString();
        resolve({ status: incoming.statusCode ?? 0, text, allow: incoming.headers.allow });
      });
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}
