/**
 * What any Kubernetes API server does, asked over HTTPS. Two arms: the simulated server, and with
 * CONFORMANCE_KUBECONFIG a real one on which `bench cluster crds` has been applied. What fails on a
 * real server is wrong here, whatever the simulated one does.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KubeObject } from '../../src/api/object.ts';
import { CONFIG_MAPS, DATA_VOLUMES, NAMESPACES, type Resource } from '../../src/api/resources.ts';
import type { Method, WatchEvent } from '../../src/api/transport.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { createClient, type KubeClient } from '../../src/kube/client.ts';
import { createHttpsTransport } from '../../src/kube/https-transport.ts';
import { loadConnection } from '../../src/kube/kubeconfig.ts';
import { collectionPath, objectPath } from '../../src/kube/paths.ts';
import { startCluster } from '../support/served-cluster.ts';

const REAL = process.env['CONFORMANCE_KUBECONFIG'];
if (REAL === undefined) {
  process.stderr.write('\nSKIPPED: no real API server (CONFORMANCE_KUBECONFIG is not set)\n\n');
}

interface Arm {
  readonly name: string;
  /** A kubeconfig, and how to let go of its server. */
  open(): Promise<{ readonly kubeconfig: string; stop(): Promise<unknown> }>;
}

const ARMS: readonly Arm[] = [
  { name: 'simulated', open: () => startCluster(['--no-simulate', '--speed', '10']) },
  ...(REAL === undefined
    ? []
    : [{ name: 'real', open: async () => ({ kubeconfig: REAL, stop: async () => {} }) }]),
];

const clock = systemClock();
const NAMESPACE = `conformance-${clock.wallUs()}`;

interface Reply {
  readonly status: number;
  readonly body: KubeObject & {
    readonly reason?: string;
    readonly message?: string;
    readonly data?: Readonly<Record<string, string>>;
    readonly items?: readonly KubeObject[];
    readonly spec?: Readonly<Record<string, unknown>>;
    readonly details?: { readonly causes?: readonly { readonly reason: string }[] };
  };
}

describe.each(ARMS)('$name API server', (arm) => {
  const state: { client?: KubeClient; close?: () => Promise<void> } = {};
  const client = () => state.client as KubeClient;
  const ask = async (
    method: Method,
    path: string,
    body?: unknown,
    more: { readonly query?: Readonly<Record<string, string>>; readonly contentType?: string } = {},
  ) => {
    const sent = body === undefined ? {} : { body };
    return (await client().transport.request({ method, path, ...sent, ...more })) as Reply;
  };
  const maps = collectionPath(CONFIG_MAPS, NAMESPACE);
  const mapPath = (name: string) => objectPath(CONFIG_MAPS, { namespace: NAMESPACE, name });
  const volumePath = (name: string) => objectPath(DATA_VOLUMES, { namespace: NAMESPACE, name });
  const createMap = async (name: string, rest: Partial<KubeObject['metadata']> = {}) =>
    (await ask('POST', maps, configMap(name, rest))).body;

  beforeAll(async () => {
    const opened = await arm.open();
    const connection = await loadConnection({ kubeconfig: opened.kubeconfig });
    const transport = await createHttpsTransport({ connection, clock, userAgent: 'conformance' });
    state.client = createClient(transport);
    state.close = async () => {
      await ask('DELETE', objectPath(NAMESPACES, { name: NAMESPACE }));
      transport.close();
      await opened.stop();
    };
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
    expect((await ask('POST', collectionPath(NAMESPACES), namespace)).status).toBe(201);
  });
  afterAll(() => state.close?.());

  test('a new object is given identity, version and a time in whole seconds', async () => {
    const { metadata } = await createMap('fresh');
    expect(metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(Number(metadata.resourceVersion)).toBeGreaterThan(0);
    expect(metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  test('names: taken ones, missing ones, generated ones', async () => {
    await createMap('taken');
    const again = await ask('POST', maps, configMap('taken'));
    expect(again).toMatchObject({ status: 409, body: { reason: 'AlreadyExists' } });
    const missing = await ask('GET', mapPath('missing'));
    expect(missing.body.message).toBe('configmaps "missing" not found');
    const generated = await ask('POST', maps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { generateName: 'made-' },
    });
    expect(generated.body.metadata.name).toMatch(/^made-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    const bad = await ask('POST', maps, configMap('Not A Name'));
    expect(bad).toMatchObject({ status: 422, body: { reason: 'Invalid' } });
  });

  test('a stale update conflicts, and one that changes nothing makes no version', async () => {
    const first = await createMap('versions');
    const same = await ask('PUT', mapPath('versions'), first);
    expect(same.body.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    const changed = await ask('PUT', mapPath('versions'), { ...first, data: { key: 'other' } });
    expect(changed.status).toBe(200);
    const stale = await ask('PUT', mapPath('versions'), { ...first, data: { key: 'third' } });
    expect(stale).toMatchObject({ status: 409, body: { reason: 'Conflict' } });
  });

  test('patches of each type', async () => {
    await createMap('patched');
    const patch = (body: unknown, contentType: string) =>
      ask('PATCH', mapPath('patched'), body, { contentType });
    const merged = await patch({ data: { a: '1', key: null } }, 'application/merge-patch+json');
    expect(merged.body.data).toEqual({ a: '1' });
    const operations = [{ op: 'add', path: '/data/b', value: '2' }];
    const replaced = await patch(operations, 'application/json-patch+json');
    expect(replaced.body.data).toEqual({ a: '1', b: '2' });
    const failing = [{ op: 'test', path: '/data/b', value: 'no' }];
    expect((await patch(failing, 'application/json-patch+json')).status).toBe(422);
    const strategic = await patch({ data: { c: '3' } }, 'application/strategic-merge-patch+json');
    expect(strategic.body.data).toEqual({ a: '1', b: '2', c: '3' });
    expect((await patch({}, 'text/plain')).status).toBe(415);
  });

  test('server-side apply creates, conflicts and can be forced', async () => {
    const apply = (fieldManager: string, key: string, force = 'false') =>
      ask(
        'PATCH',
        mapPath('applied'),
        { ...configMap('applied'), data: { key } },
        {
          contentType: 'application/apply-patch+yaml',
          query: { fieldManager, force },
        },
      );
    expect((await apply('one', 'a')).status).toBe(201);
    const refused = await apply('two', 'b');
    expect(refused.status).toBe(409);
    expect(refused.body.details?.causes?.[0]?.reason).toBe('FieldManagerConflict');
    expect((await apply('two', 'b', 'true')).body.data).toEqual({ key: 'b' });
  });

  test('lists in pages are of one version, and selectors select', async () => {
    for (const name of ['p1', 'p2', 'p3']) await createMap(name, { labels: { page: 'yes' } });
    const query = { labelSelector: 'page in (yes)', limit: '2' };
    const first = await ask('GET', maps, undefined, { query });
    const { continue: token = '', resourceVersion } = listMeta(first);
    expect(first.body.items).toHaveLength(2);
    const rest = await ask('GET', maps, undefined, { query: { ...query, continue: token } });
    expect(rest.body.items).toHaveLength(1);
    expect(listMeta(rest).resourceVersion).toBe(resourceVersion);
    const one = await ask('GET', maps, undefined, { query: { fieldSelector: 'metadata.name=p2' } });
    expect(one.body.items?.map(({ metadata }) => metadata.name)).toEqual(['p2']);
    const wrong = { query: { fieldSelector: 'data.key=x' } };
    expect((await ask('GET', maps, undefined, wrong)).status).toBe(400);
  });

  test('a watch tells of everything after its version, and of what leaves a selection', async () => {
    const { metadata } = await createMap('watched', { labels: { seen: 'yes' } });
    const { events, stop } = watch(client(), CONFIG_MAPS, {
      labelSelector: 'seen=yes',
      resourceVersion: metadata.resourceVersion ?? '',
    });
    const label = (seen: string) =>
      ask(
        'PATCH',
        mapPath('watched'),
        { metadata: { labels: { seen } } },
        {
          contentType: 'application/merge-patch+json',
        },
      );
    await label('no');
    await label('yes');
    await ask('DELETE', mapPath('watched'));
    await until(() => events.length >= 3);
    stop();
    expect(events.map(({ type }) => type)).toEqual(['DELETED', 'ADDED', 'DELETED']);
    const versions = events.map(({ object }) => Number(object.metadata.resourceVersion));
    expect([...versions].sort((a, b) => a - b)).toEqual(versions);
  });

  test('a watch from nowhere begins with what is there', async () => {
    await createMap('present', { labels: { start: 'yes' } });
    const { events, stop } = watch(client(), CONFIG_MAPS, { labelSelector: 'start=yes' });
    await until(() => events.length >= 1);
    stop();
    expect(events[0]).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'present' } } });
  });

  test('deletion: preconditions, finalizers, dry runs', async () => {
    const kept = await createMap('kept', { finalizers: ['example.com/hold'] });
    const wrongUid = { preconditions: { uid: '00000000-0000-0000-0000-000000000000' } };
    const options = { apiVersion: 'v1', kind: 'DeleteOptions' };
    expect((await ask('DELETE', mapPath('kept'), { ...options, ...wrongUid })).status).toBe(409);
    const dry = await ask('DELETE', mapPath('kept'), undefined, { query: { dryRun: 'All' } });
    expect(dry.status).toBe(200);
    expect((await ask('GET', mapPath('kept'))).body.metadata.deletionTimestamp).toBeUndefined();
    await ask('DELETE', mapPath('kept'));
    const held = await ask('GET', mapPath('kept'));
    expect(held.body.metadata).toMatchObject({ uid: kept.metadata.uid });
    expect(held.body.metadata.deletionTimestamp).toBeDefined();
    const release = { metadata: { finalizers: null } };
    await ask('PATCH', mapPath('kept'), release, { contentType: 'application/merge-patch+json' });
    expect((await ask('GET', mapPath('kept'))).status).toBe(404);
  });

  test('a custom kind: generation, status of its own, no strategic merge', async () => {
    const made = await ask('POST', collectionPath(DATA_VOLUMES, NAMESPACE), dataVolume('custom'));
    expect(made).toMatchObject({ status: 201, body: { metadata: { generation: 1 } } });
    expect(made.body.status).toBeUndefined();
    const patch = (path: string, body: unknown, type = 'merge-patch') =>
      ask('PATCH', path, body, { contentType: `application/${type}+json` });
    const status = await patch(`${volumePath('custom')}/status`, {
      status: { phase: 'Pending' },
      spec: { priorityClassName: 'ignored' },
    });
    expect(status.body).toMatchObject({
      metadata: { generation: 1 },
      status: { phase: 'Pending' },
    });
    expect(status.body.spec).not.toHaveProperty('priorityClassName');
    const main = await patch(volumePath('custom'), { status: { phase: 'Succeeded' } });
    expect(main.body.status).toEqual({ phase: 'Pending' });
    const strategic = await patch(volumePath('custom'), {}, 'strategic-merge-patch');
    expect(strategic.status).toBe(415);
    const { metadata, ...rest } = dataVolume('custom');
    const unversioned = await ask('PUT', volumePath('custom'), { ...rest, metadata });
    expect(unversioned.status).toBe(422);
  });

  test('strict validation names what it does not know', async () => {
    const strange = { ...configMap('strange'), surplus: true };
    const strict = await ask('POST', maps, strange, { query: { fieldValidation: 'Strict' } });
    expect(strict.status).toBe(400);
    expect(strict.body.message).toContain('unknown field "surplus"');
    expect((await ask('GET', mapPath('strange'))).status).toBe(404);
  });

  test('a namespace that is not there', async () => {
    const path = collectionPath(CONFIG_MAPS, 'nowhere-to-be-found');
    const { status, body } = await ask(
      'POST',
      path,
      configMap('lost', { namespace: 'nowhere-to-be-found' }),
    );
    expect(status).toBe(404);
    expect(body.message).toContain('namespaces "nowhere-to-be-found" not found');
  });
});

function configMap(name: string, rest: Partial<KubeObject['metadata']> = {}) {
  const metadata = { namespace: NAMESPACE, ...rest, name };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { key: 'value' } };
}

function dataVolume(name: string) {
  return {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      source: { blank: {} },
      pvc: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
  };
}

function listMeta({ body }: Reply) {
  return body.metadata as { readonly continue?: string; readonly resourceVersion?: string };
}

function watch(client: KubeClient, resource: Resource, query: Readonly<Record<string, string>>) {
  const events: WatchEvent[] = [];
  const sink = {
    opened: () => {},
    event: (event: WatchEvent) => events.push(event),
    ended: () => {},
  };
  return { events, stop: client.watch(resource, query, sink, NAMESPACE) };
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !condition(); tries++) await clock.sleep(20_000);
}
