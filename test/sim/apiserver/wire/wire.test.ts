/** The API as plain data: discovery, shapes of answers, reviews, OpenAPI. */

import { expect, test } from 'vitest';
import type { KubeObject } from '../../../../src/api/object.ts';
import type { WatchEvent } from '../../../../src/api/transport.ts';
import { createServicePaths } from '../../../../src/sim/apiserver/wire/service-paths.ts';
import {
  createWire,
  type WireAnswer,
  type WireRequest,
} from '../../../../src/sim/apiserver/wire/wire.ts';
import { configMap, createLab, dataVolume, MAPS, VOLUMES } from '../lab.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

function createWireLab() {
  const lab = createLab();
  const now = () => lab.kernel.wallUs() + 90e6;
  const { registry } = lab.server;
  const options = { registry, serverAddress: '127.0.0.1:1', speed: 60, nowUnixUs: now };
  const wire = createWire(lab.server, createServicePaths(options), now);
  const request = (path: string, rest: Partial<WireRequest> = {}): WireRequest => ({
    method: 'GET',
    path,
    query: {},
    accept: undefined,
    contentType: undefined,
    userAgent: 'kubectl/v1.30',
    user: { username: 'me', groups: ['them'] },
    body: undefined,
    ...rest,
  });
  const ask = (path: string, rest: Partial<WireRequest> = {}) =>
    wire.respond(request(path, rest)) as WireAnswer;
  const watch = (path: string, rest: Partial<WireRequest> = {}) => {
    const events: WatchEvent[] = [];
    wire.watch(request(path, rest), { event: (event) => events.push(event), ended: () => {} });
    return events;
  };
  return { lab, wire, ask, watch, request };
}

test('every kind is discovered in both forms, with its subresources', () => {
  const { ask } = createWireLab();
  const plain = ask('/apis/kubevirt.io/v1').body as { resources: { name: string }[] };
  const names = plain.resources.map(({ name }) => name);
  expect(names).toContain('virtualmachines/status');
  expect(names).not.toContain('virtualmachineinstances/status');
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const answer = ask('/apis', { accept });
  expect(answer.contentType).toBe(
    'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  );
  const groups = answer.body as { items: { metadata: { name: string } }[] };
  const listed = ask('/apis').body as { groups: { name: string }[] };
  expect(groups.items.map(({ metadata }) => metadata.name)).toEqual(
    listed.groups.map(({ name }) => name),
  );
  for (const { name } of listed.groups) expect(ask(`/apis/${name}`).status).toBe(200);
  expect(ask('/api').body).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
});

test('tables have rows of cells and metadata only', () => {
  const { lab, ask } = createWireLab();
  lab.ok('POST', VOLUMES, dataVolume('v'));
  const list = ask(VOLUMES, { accept: TABLE }).body;
  expect(list).toMatchObject({
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: String(lab.server.version) },
    columnDefinitions: [
      { name: 'Name', format: 'name' },
      { name: 'Phase' },
      { name: 'Progress' },
      { name: 'Restarts', type: 'integer' },
      { name: 'Age', type: 'date' },
    ],
    rows: [
      {
        cells: ['v', null, null, null, '90s'],
        object: { kind: 'PartialObjectMetadata', metadata: { name: 'v' } },
      },
    ],
  });
  const query = { includeObject: 'Object' };
  const one = ask(`${VOLUMES}/v`, { accept: TABLE, query }).body;
  expect(one).toMatchObject({ kind: 'Table', rows: [{ object: { kind: 'DataVolume' } }] });
  expect(ask(`${VOLUMES}/none`, { accept: TABLE }).body).toMatchObject({
    kind: 'Status',
    code: 404,
  });
});

test('a watch in tables names its columns once', () => {
  const { lab, watch } = createWireLab();
  const events = watch(MAPS, { accept: TABLE });
  lab.ok('POST', MAPS, configMap('a'));
  lab.ok('POST', MAPS, configMap('b'));
  const columns = events.map(({ object }) => {
    const table = object as unknown as { columnDefinitions: unknown[]; rows: unknown[] };
    return [table.columnDefinitions.length, table.rows.length];
  });
  expect(columns).toEqual([
    [3, 1],
    [0, 1],
  ]);
});

test('metadata alone, for informers that want no more', () => {
  const { lab, ask, watch } = createWireLab();
  lab.ok('POST', MAPS, { ...configMap('a'), data: { x: 'y' } } as KubeObject);
  const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
  const list = ask(MAPS, { accept }).body as { kind: string; items: unknown[] };
  expect(list.kind).toBe('PartialObjectMetadataList');
  expect(list.items[0]).not.toHaveProperty('data');
  const events = watch(MAPS, {
    accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  });
  expect(events[0]?.object.kind).toBe('PartialObjectMetadata');
});

test('what cannot be given is refused: 406, 404, 405', () => {
  const { ask } = createWireLab();
  expect(ask(MAPS, { accept: 'text/html' }).status).toBe(406);
  expect(ask(MAPS, { accept: 'application/vnd.kubernetes.protobuf,application/json' }).status).toBe(
    200,
  );
  expect(ask('/nowhere').status).toBe(404);
  expect(ask('/version', { method: 'POST' }).status).toBe(405);
});

test('the server says that it is simulated, and its pace', () => {
  const { ask } = createWireLab();
  expect(ask('/version').body).toMatchObject({
    gitVersion: 'v1.28.15+simulated',
    simulation: { simulated: true, speed: 60 },
  });
  expect(ask('/healthz')).toMatchObject({ body: 'ok', contentType: 'text/plain; charset=utf-8' });
});

test('whoever is let in may do everything', () => {
  const { ask } = createWireLab();
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const body = { spec: { resourceAttributes: { verb: 'create', resource: 'pods' } } };
  expect(ask(path, { method: 'POST', body })).toMatchObject({
    status: 201,
    body: { kind: 'SelfSubjectAccessReview', status: { allowed: true } },
  });
  const who = ask('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    method: 'POST',
    body: {},
  });
  expect(who.body).toMatchObject({ status: { userInfo: { username: 'me' } } });
});

test('OpenAPI says that PATCH validates fields, and describes the kinds', () => {
  const { ask } = createWireLab();
  const index = ask('/openapi/v3').body as { paths: Record<string, unknown> };
  expect(Object.keys(index.paths)).toContain('apis/kubevirt.io/v1');
  const document = ask('/openapi/v3/api/v1').body as {
    paths: Record<string, { patch: { parameters: { name: string }[] } }>;
  };
  const patch = document.paths['/api/v1/namespaces/{name}']?.patch;
  expect(patch?.parameters.map(({ name }) => name)).toContain('fieldValidation');
  expect(ask('/openapi/v3/apis/nothing/v1').status).toBe(404);
  const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
  expect(ask('/openapi/v2', { accept }).body).toBeInstanceOf(Uint8Array);
});

test('events have two names and one storage', () => {
  const { ask, watch } = createWireLab();
  const old = '/api/v1/namespaces/default/events';
  const fresh = '/apis/events.k8s.io/v1/namespaces/default/events';
  const events = watch(fresh);
  const event = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'e' },
    regarding: { kind: 'Pod', name: 'p' },
    note: 'hello',
    reason: 'Said',
    type: 'Normal',
    eventTime: '2024-06-01T00:00:00.000000Z',
    reportingController: 'test',
  };
  expect(ask(fresh, { method: 'POST', body: event }).status).toBe(201);
  expect(ask(`${old}/e`).body).toMatchObject({
    apiVersion: 'v1',
    involvedObject: { name: 'p' },
    message: 'hello',
    reportingComponent: 'test',
  });
  const query = { fieldSelector: 'regarding.kind=Pod' };
  expect(ask(fresh, { query }).body).toMatchObject({
    apiVersion: 'events.k8s.io/v1',
    items: [{ note: 'hello', regarding: { name: 'p' } }],
  });
  expect(ask(fresh, { accept: TABLE }).body).toMatchObject({
    rows: [{ cells: ['90s', 'Normal', 'Said', 'pod/p', '', 'test', 'hello', '90s', 1, 'e'] }],
  });
  expect(events[0]?.object).toMatchObject({ apiVersion: 'events.k8s.io/v1', note: 'hello' });
});

test('warnings go along with the answer', () => {
  const { ask } = createWireLab();
  const body = { ...dataVolume('v'), spec: { source: { blank: {} }, nonsense: 1 } };
  const answer = ask(VOLUMES, { method: 'POST', body });
  expect(answer).toMatchObject({ status: 201, warnings: ['unknown field "spec.nonsense"'] });
});

test('a scale is read and written through its subresource', () => {
  const { ask } = createWireLab();
  const path = '/apis/apps/v1/namespaces/default/deployments';
  ask(path, {
    method: 'POST',
    body: { metadata: { name: 'd' }, spec: { template: { spec: { containers: [] } } } },
  });
  expect(ask(`${path}/d/scale`).body).toMatchObject({ kind: 'Scale', spec: { replicas: 1 } });
  const patch = { method: 'PATCH', contentType: 'application/merge-patch+json' };
  expect(ask(`${path}/d/scale`, { ...patch, body: { spec: { replicas: 4 } } }).status).toBe(200);
  expect(ask(`${path}/d`).body).toMatchObject({ spec: { replicas: 4 } });
  expect(ask(`${path}/d/scale`, { ...patch, body: { spec: { replicas: -1 } } }).status).toBe(422);
});

test.each([
  '/nope',
  '/healthz/nope',
  '/apis/nope/v1/x',
  '/apis/cdi.kubevirt.io/v1beta1/nope',
  '/apis/cdi.kubevirt.io/v9/datavolumes',
])('%s is no page, in plain text, watched or not', (path) => {
  const { wire, ask, request } = createWireLab();
  const page = {
    status: 404,
    body: '404 page not found\n',
    contentType: 'text/plain; charset=utf-8',
  };
  expect(ask(path)).toMatchObject(page);
  const watched = wire.watch(request(path), { event: () => {}, ended: () => {} });
  expect(watched).toMatchObject(page);
});

test.each([
  '/version/nope',
  '/api/v2',
  '/api/v1/namespaces/default/nope',
  '/apis/apps/v9/deployments',
  '/apis/apps/v1/nope',
  '/api/v1/namespaces/default/configmaps/x/nope',
])('%s is of a group of Kubernetes, and refused with a Status', (path) => {
  expect(createWireLab().ask(path)).toMatchObject({
    status: 404,
    body: { reason: 'NotFound', message: 'the server could not find the requested resource' },
  });
});

test('a subresource that a custom kind does not have is an object that is not there', () => {
  const { ask } = createWireLab();
  expect(ask(`${VOLUMES}/x/nope`).body).toMatchObject({
    message: 'datavolumes.cdi.kubevirt.io "x" not found',
    code: 404,
  });
});
