/** What requests do to objects, and the words in which they are refused. */

import { expect, test } from 'vitest';
import type { KubeObject } from '../../../src/api/object.ts';
import {
  configMap,
  createLab,
  dataVolume,
  VMIS,
  JSON_PATCH,
  MAPS,
  MERGE,
  PODS,
  pod,
  told,
  VOLUMES,
} from './lab.ts';

test('a new object gets identity, whole-second time and generation', () => {
  const lab = createLab();
  const made = lab.ok('POST', VOLUMES, dataVolume('v', { uid: 'forged', generation: 9 }));
  expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
  expect(made.metadata).toMatchObject({
    namespace: 'default',
    generation: 1,
    creationTimestamp: '2024-06-01T00:00:00Z',
  });
  expect(lab.ok('POST', MAPS, configMap('m')).metadata.generation).toBeUndefined();
});

test('generateName adds five letters that are no words, and cuts a long base', () => {
  const lab = createLab();
  const base = 'x'.repeat(70);
  const made = lab.ok('POST', MAPS, { metadata: { generateName: `${base}-` } });
  expect(made.metadata.name).toMatch(/^x{58}[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  expect(made).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
});

test('refusals carry the texts of Kubernetes', () => {
  const lab = createLab();
  lab.ok('POST', VOLUMES, dataVolume('v'));
  expect(lab.refused('GET', `${VOLUMES}/none`)).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'datavolumes.cdi.kubevirt.io "none" not found',
    reason: 'NotFound',
    details: { name: 'none', group: 'cdi.kubevirt.io', kind: 'datavolumes' },
    code: 404,
  });
  expect(lab.refused('POST', VOLUMES, dataVolume('v'))).toMatchObject({
    code: 409,
    reason: 'AlreadyExists',
    message: 'datavolumes.cdi.kubevirt.io "v" already exists',
  });
  expect(lab.refused('POST', VOLUMES.replace('default', 'nowhere'), dataVolume('v'))).toMatchObject(
    {
      code: 404,
      message: 'namespaces "nowhere" not found',
    },
  );
  expect(lab.refused('POST', VOLUMES, dataVolume('Not_A_Name'))).toMatchObject({
    code: 422,
    reason: 'Invalid',
    details: { causes: [{ reason: 'FieldValueInvalid', field: 'metadata.name' }] },
  });
  expect(lab.refused('POST', VOLUMES, { metadata: {} })).toMatchObject({
    code: 422,
    message:
      'DataVolume.cdi.kubevirt.io "" is invalid: metadata.name: Required value: name or generateName is required',
  });
  expect(lab.refused('POST', VOLUMES, configMap('v')).code).toBe(400);
  expect(lab.refused('POST', VOLUMES, 'text').code).toBe(400);
  expect(lab.send('GET', '/apis/nothing.io/v1/things').status).toBe(404);
  expect(lab.refused('POST', `${VOLUMES}/v`, {}).code).toBe(405);
  expect(lab.refused('GET', `${VOLUMES}/v/scale`).code).toBe(404);
  expect(lab.refused('POST', MAPS, configMap('d'), { query: { dryRun: 'Some' } }).code).toBe(422);
});

test('an update needs the present version; a custom resource needs to name one', () => {
  const lab = createLab();
  const made = lab.ok('POST', VOLUMES, dataVolume('v'));
  lab.ok('PATCH', `${VOLUMES}/v`, { metadata: { labels: { a: 'b' } } }, MERGE);
  expect(lab.refused('PUT', `${VOLUMES}/v`, made)).toMatchObject({
    code: 409,
    reason: 'Conflict',
    message:
      'Operation cannot be fulfilled on datavolumes.cdi.kubevirt.io "v": the object has been ' +
      'modified; please apply your changes to the latest version and try again',
  });
  expect(lab.refused('PUT', `${VOLUMES}/v`, dataVolume('v'))).toMatchObject({
    code: 422,
    message:
      'DataVolume.cdi.kubevirt.io "v" is invalid: metadata.resourceVersion: Invalid value: 0x0: ' +
      'must be specified for an update',
  });
  expect(lab.refused('PUT', `${VOLUMES}/v`, dataVolume('w')).code).toBe(400);
  const stale = { metadata: { resourceVersion: made.metadata.resourceVersion } };
  expect(lab.refused('PATCH', `${VOLUMES}/v`, stale, MERGE).code).toBe(409);
  lab.ok('POST', MAPS, configMap('m'));
  expect(lab.ok('PUT', `${MAPS}/m`, { ...configMap('m'), data: { x: 'y' } })).toMatchObject({
    data: { x: 'y' },
  });
});

test('a write that changes nothing is no write', () => {
  const lab = createLab();
  const made = lab.ok('POST', VOLUMES, dataVolume('v', { labels: { a: 'b' } }));
  const watched = lab.watch(VOLUMES, { resourceVersion: String(lab.server.version) });
  expect(
    lab.ok('PATCH', `${VOLUMES}/v`, { metadata: { labels: { a: 'b', c: null } } }, MERGE),
  ).toBe(made);
  expect(lab.ok('PUT', `${VOLUMES}/v`, structuredClone(made))).toBe(made);
  expect(watched.events).toEqual([]);
  expect(String(lab.server.version)).toBe(made.metadata.resourceVersion);
});

test('what identifies an object cannot be changed', () => {
  const lab = createLab();
  const made = lab.ok('POST', MAPS, configMap('m'));
  const forged = {
    metadata: {
      creationTimestamp: '1999-01-01T00:00:00Z',
      deletionTimestamp: '1999-01-01T00:00:00Z',
      generation: 5,
      labels: { a: 'b' },
    },
  };
  const { metadata } = lab.ok('PATCH', `${MAPS}/m`, forged, MERGE);
  expect(metadata).toEqual({
    ...made.metadata,
    labels: { a: 'b' },
    resourceVersion: metadata.resourceVersion,
  });
  expect(lab.refused('PATCH', `${MAPS}/m`, { metadata: { uid: 'other' } }, MERGE).code).toBe(409);
});

test('JSON patches: a failed test loses its text, as on a real server', () => {
  const lab = createLab();
  lab.ok('POST', VOLUMES, dataVolume('v', { annotations: { 'a/b': '1' } }));
  const patch = [
    { op: 'test', path: '/metadata/annotations/a~1b', value: '1' },
    { op: 'replace', path: '/metadata/annotations/a~1b', value: '2' },
    { op: 'add', path: '/spec/list', value: [1] },
    { op: 'add', path: '/spec/list/-', value: 2 },
  ];
  expect(lab.ok('PATCH', `${VOLUMES}/v`, patch, JSON_PATCH)).toMatchObject({
    metadata: { annotations: { 'a/b': '2' } },
    spec: { list: [1, 2], source: { blank: {} } },
  });
  expect(lab.refused('PATCH', `${VOLUMES}/v`, patch, JSON_PATCH)).toMatchObject({
    code: 422,
    reason: 'Invalid',
    message: 'the server rejected our request due to an error in our request',
  });
  expect(lab.refused('PATCH', `${VOLUMES}/v`, { not: 'an array' }, JSON_PATCH).code).toBe(400);
  const strategic = { contentType: 'application/strategic-merge-patch+json' };
  expect(lab.refused('PATCH', `${VOLUMES}/v`, {}, strategic).code).toBe(415);
});

test('deletion waits for finalizers, and none may be added meanwhile', () => {
  const lab = createLab();
  lab.ok('POST', VOLUMES, dataVolume('v', { finalizers: ['example.io/a', 'example.io/b'] }));
  const watched = lab.watch(VOLUMES);
  const marked = lab.ok('DELETE', `${VOLUMES}/v`);
  expect(marked.metadata).toMatchObject({
    deletionTimestamp: '2024-06-01T00:00:00Z',
    deletionGracePeriodSeconds: 0,
    generation: 2,
  });
  expect(lab.ok('DELETE', `${VOLUMES}/v`)).toBe(marked);
  const more = { metadata: { finalizers: ['example.io/a', 'example.io/c'] } };
  expect(lab.refused('PATCH', `${VOLUMES}/v`, more, MERGE)).toMatchObject({
    code: 422,
    message:
      'DataVolume.cdi.kubevirt.io "v" is invalid: metadata.finalizers: Forbidden: no new ' +
      'finalizers can be added if the object is being deleted, found new finalizers ' +
      '[]string{"example.io/c"}',
  });
  lab.ok('PATCH', `${VOLUMES}/v`, { metadata: { finalizers: ['example.io/b'] } }, MERGE);
  lab.ok('PATCH', `${VOLUMES}/v`, { metadata: { finalizers: [] } }, MERGE);
  expect(lab.refused('GET', `${VOLUMES}/v`).code).toBe(404);
  expect(told(watched.events)).toEqual(['ADDED v', 'MODIFIED v', 'MODIFIED v', 'DELETED v']);
  expect(watched.events.at(-1)?.object.metadata.resourceVersion).toBe(String(lab.server.version));
});

test('preconditions of a deletion name the object that is meant', () => {
  const lab = createLab();
  const made = lab.ok('POST', MAPS, configMap('m'));
  expect(lab.refused('DELETE', `${MAPS}/m`, { preconditions: { uid: 'other' } })).toMatchObject({
    code: 409,
    message:
      'Operation cannot be fulfilled on ConfigMap "m": the UID in the precondition (other) does ' +
      `not match the UID in record (${made.metadata.uid}). The object might have been deleted ` +
      'and then recreated',
  });
  const { uid } = made.metadata;
  expect(lab.ok('DELETE', `${MAPS}/m`, { preconditions: { uid } })).toMatchObject({
    kind: 'Status',
    status: 'Success',
    details: { name: 'm', kind: 'configmaps', uid },
  });
});

test('propagation policies leave their finalizers', () => {
  const lab = createLab();
  for (const name of ['f', 'o', 'b']) lab.ok('POST', MAPS, configMap(name));
  const held = (name: string, propagationPolicy: string) =>
    lab.ok('DELETE', `${MAPS}/${name}`, undefined, { query: { propagationPolicy } });
  expect(held('f', 'Foreground').metadata.finalizers).toEqual(['foregroundDeletion']);
  expect(held('o', 'Orphan').metadata.finalizers).toEqual(['orphan']);
  expect(held('b', 'Background').kind).toBe('Status');
});

test('a pod on a node is left to its kubelet; any other goes at once', () => {
  const lab = createLab();
  lab.ok('POST', PODS, pod('loose'));
  expect(lab.ok('DELETE', `${PODS}/loose`).kind).toBe('Status');
  expect(lab.ok('POST', PODS, pod('bound')).status).toMatchObject({ phase: 'Pending' });
  lab.ok('POST', `${PODS}/bound/binding`, { target: { kind: 'Node', name: 'worker-1' } });
  expect(
    lab.refused('POST', `${PODS}/bound/binding`, { target: { name: 'worker-2' } }),
  ).toMatchObject({
    code: 409,
    message:
      'Operation cannot be fulfilled on pods "bound": pod bound is already assigned to node "worker-1"',
  });
  const marked = lab.ok('DELETE', `${PODS}/bound`);
  expect(marked.metadata).toMatchObject({
    deletionTimestamp: '2024-06-01T00:00:30Z',
    deletionGracePeriodSeconds: 30,
  });
  expect(lab.ok('DELETE', `${PODS}/bound`, { gracePeriodSeconds: 0 }).kind).toBe('Status');
  expect(lab.refused('GET', `${PODS}/bound`).code).toBe(404);
});

test('a namespace empties before it goes, and takes nothing new meanwhile', () => {
  const lab = createLab();
  const spaces = '/api/v1/namespaces';
  lab.ok('POST', spaces, { metadata: { name: 'run' } });
  const maps = '/api/v1/namespaces/run/configmaps';
  lab.ok('POST', maps, configMap('m'));
  expect(lab.ok('DELETE', `${spaces}/run`)).toMatchObject({
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Terminating' },
  });
  expect(lab.refused('POST', maps, configMap('n'))).toMatchObject({
    code: 403,
    reason: 'Forbidden',
    details: { causes: [{ reason: 'NamespaceTerminating' }] },
  });
  const found = lab.ok('GET', `${spaces}/run`);
  lab.ok('PUT', `${spaces}/run/finalize`, { ...found, spec: { finalizers: [] } });
  expect(lab.refused('GET', `${spaces}/run`).code).toBe(404);
});

test('VMIs have no status subresource: status is written with the object', () => {
  const lab = createLab();
  const vmi = {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: { name: 'i' },
    spec: { domain: {} },
  };
  lab.ok('POST', VMIS, vmi);
  const status = { status: { phase: 'Running' } };
  expect(lab.refused('PATCH', `${VMIS}/i/status`, status, MERGE).code).toBe(404);
  expect(lab.ok('PATCH', `${VMIS}/i`, status, MERGE)).toMatchObject({
    metadata: { generation: 2 },
    status: { phase: 'Running' },
  });
});

test('a dry run answers as if, and changes nothing', () => {
  const lab = createLab();
  const query = { dryRun: 'All' };
  const watched = lab.watch(MAPS);
  expect(lab.ok('POST', MAPS, configMap('m'), { query }).metadata.uid).toBeDefined();
  expect(lab.refused('GET', `${MAPS}/m`).code).toBe(404);
  lab.ok('POST', MAPS, configMap('m'));
  lab.ok('PATCH', `${MAPS}/m`, { data: { a: 'b' } }, { ...MERGE, query });
  lab.ok('DELETE', `${MAPS}/m`, undefined, { query });
  expect(told(watched.events)).toEqual(['ADDED m']);
});

test('deletecollection removes what the selectors name', () => {
  const lab = createLab();
  for (const name of ['a', 'b', 'c']) {
    lab.ok('POST', MAPS, configMap(name, { labels: { keep: String(name === 'b') } }));
  }
  lab.ok('DELETE', MAPS, undefined, { query: { labelSelector: 'keep=false' } });
  const list = lab.ok('GET', MAPS) as unknown as { items: KubeObject[] };
  expect(list.items.map(({ metadata }) => metadata.name)).toEqual(['b']);
});

test('admission changes and refuses; computed fields are made when read', () => {
  const lab = createLab();
  const resource = lab.server.registry.find('', 'v1', 'configmaps')?.resource;
  if (!resource) throw new Error('no config maps');
  lab.server.addAdmission({
    resource,
    mutate: (object) => ({
      ...object,
      metadata: { ...object.metadata, annotations: { token: 'signed' } },
    }),
    validate: (object, old) =>
      old && object.metadata.labels?.['bad']
        ? [{ reason: 'FieldValueForbidden', message: 'Forbidden: no', field: 'metadata.labels' }]
        : undefined,
  });
  const made = lab.ok('POST', MAPS, configMap('m', { labels: { bad: 'yes' } }));
  expect(made.metadata.annotations).toEqual({ token: 'signed' });
  expect(lab.refused('PATCH', `${MAPS}/m`, { data: { a: 'b' } }, MERGE)).toMatchObject({
    code: 422,
    message: 'ConfigMap "m" is invalid: metadata.labels: Forbidden: no',
  });
  let reads = 0;
  lab.server.addComputed(resource, (object) => {
    reads += 1;
    return { ...object, data: { reads: String(reads) } };
  });
  expect(lab.ok('GET', `${MAPS}/m`)).toMatchObject({ data: { reads: '1' } });
  expect(lab.ok('GET', MAPS)).toMatchObject({ items: [{ data: { reads: '2' } }] });
});
