/** Server-side apply, field accounts, strict validation and strategic merge patches. */

import { expect, test } from 'vitest';
import type { KubeObject } from '../../../src/api/object.ts';
import { CONFIG_MAPS } from '../../../src/api/resources.ts';
import type { ClientFacts } from '../../../src/sim/apiserver/requests/write-options.ts';
import {
  configMap,
  createLab,
  dataVolume,
  type Lab,
  MAPS,
  MERGE,
  PODS,
  pod,
  VOLUMES,
} from './lab.ts';

const APPLY = 'application/apply-patch+yaml';
const STRATEGIC = { contentType: 'application/strategic-merge-patch+json' };

function apply(
  lab: Lab,
  path: string,
  body: unknown,
  fieldManager: string,
  query: Readonly<Record<string, string>> = {},
) {
  return lab.send('PATCH', path, body, {
    contentType: APPLY,
    query: { fieldManager, ...query },
  });
}

function mapOf(name: string, data: Readonly<Record<string, string>>): KubeObject {
  return { ...configMap(name), data } as KubeObject;
}

const dataOf = (body: unknown) => (body as { data?: unknown }).data;

test('an apply creates, adds, and takes back what it no longer says', () => {
  const lab = createLab();
  const path = `${MAPS}/m`;
  expect(apply(lab, path, mapOf('m', { a: '1', b: '1' }), 'one').status).toBe(201);
  expect(apply(lab, path, mapOf('m', { c: '1' }), 'two').status).toBe(200);
  const left = apply(lab, path, mapOf('m', { a: '2' }), 'one');
  expect(dataOf(left.body)).toEqual({ a: '2', c: '1' });
  const { managedFields } = (left.body as KubeObject).metadata;
  expect(managedFields).toMatchObject([
    { manager: 'one', operation: 'Apply', fieldsV1: { 'f:data': { 'f:a': {} } } },
    { manager: 'two', operation: 'Apply', fieldsV1: { 'f:data': { 'f:c': {} } } },
  ]);
  const { version } = lab.server;
  expect(apply(lab, path, mapOf('m', { a: '2' }), 'one').body).toBe(left.body);
  expect(lab.server.version).toBe(version);
});

test('what an applier leaves out entirely goes with all that held it, and no more', () => {
  const lab = createLab();
  const path = `${MAPS}/m`;
  apply(
    lab,
    path,
    { ...mapOf('m', { a: '1' }), metadata: { name: 'm', labels: { x: 'y' } } },
    'one',
  );
  const bare = apply(lab, path, configMap('m'), 'one');
  expect(bare.status).toBe(200);
  const object = bare.body as KubeObject;
  expect(object).not.toHaveProperty('data');
  expect(object.metadata).toMatchObject({
    name: 'm',
    namespace: 'default',
    uid: expect.any(String),
  });
  expect(object.metadata).not.toHaveProperty('labels');
});

test('a field of another manager is a conflict unless forced or equal', () => {
  const lab = createLab();
  const path = `${MAPS}/m`;
  apply(lab, path, mapOf('m', { a: '1' }), 'one');
  expect(apply(lab, path, mapOf('m', { a: '1' }), 'two').status).toBe(200);
  const refused = apply(lab, path, mapOf('m', { a: '2' }), 'two');
  expect(refused.status).toBe(409);
  expect(refused.body).toMatchObject({
    reason: 'Conflict',
    message: 'Apply failed with 1 conflict: conflict with "one": .data.a',
    details: { causes: [{ reason: 'FieldManagerConflict', field: '.data.a' }] },
  });
  const forced = apply(lab, path, mapOf('m', { a: '2' }), 'two', { force: 'true' });
  expect(dataOf(forced.body)).toEqual({ a: '2' });
  expect((forced.body as KubeObject).metadata.managedFields).toMatchObject([{ manager: 'two' }]);
});

test('an update takes over the fields it changes', () => {
  const lab = createLab();
  const path = `${MAPS}/m`;
  apply(lab, path, mapOf('m', { a: '1', b: '1' }), 'one');
  lab.ok('PATCH', path, { data: { a: '2' } }, { ...MERGE, query: { fieldManager: 'editor' } });
  const found = lab.ok('GET', path);
  expect(found.metadata.managedFields).toMatchObject([
    { manager: 'one', fieldsV1: { 'f:data': { 'f:b': {} } } },
    { manager: 'editor', operation: 'Update', fieldsV1: { 'f:data': { 'f:a': {} } } },
  ]);
  expect(apply(lab, path, mapOf('m', { a: '1' }), 'one').status).toBe(409);
});

test('items of keyed lists are owned one by one, undescribed lists as a whole', () => {
  const lab = createLab();
  const path = `${DEPLOYMENTS}/p`;
  const spec = (...containers: unknown[]) => deployment({ containers });
  apply(lab, path, spec({ name: 'a', image: 'x' }), 'one');
  apply(lab, path, spec({ name: 'b', image: 'y' }), 'two');
  const both = apply(lab, path, spec({ name: 'a', image: 'z' }), 'one').body as KubeObject;
  expect(podSpecOf(both)).toMatchObject({
    containers: [
      { name: 'a', image: 'z' },
      { name: 'b', image: 'y' },
    ],
  });
  const without = apply(lab, path, spec(), 'two').body as KubeObject;
  expect((podSpecOf(without) as { containers: unknown[] }).containers).toHaveLength(1);
  const volume = (modes: string[]) => ({
    ...dataVolume('v'),
    spec: { pvc: { accessModes: modes } },
  });
  apply(lab, `${VOLUMES}/v`, volume(['ReadWriteMany']), 'one');
  expect(apply(lab, `${VOLUMES}/v`, volume(['ReadWriteOnce']), 'two').status).toBe(409);
});

test('an apply needs a manager, and no account of its own', () => {
  const lab = createLab();
  const none = lab.send('PATCH', `${MAPS}/m`, configMap('m'), { contentType: APPLY });
  expect(none.body).toMatchObject({
    code: 422,
    message:
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
  });
  const forged = configMap('m', { managedFields: [{}] });
  expect(apply(lab, `${MAPS}/m`, forged, 'one').status).toBe(400);
  expect(apply(lab, `${MAPS}/other`, configMap('m'), 'one').status).toBe(400);
});

test('unknown fields are refused, warned of, or dropped', () => {
  const lab = createLab();
  const warnings: string[] = [];
  const client: ClientFacts = { userAgent: 'kubectl/v1.30', warn: (text) => warnings.push(text) };
  const body = { ...dataVolume('v'), spec: { source: { blank: {} }, storag: {}, pvc: { foo: 1 } } };
  const strict = { client, query: { fieldValidation: 'Strict' } };
  expect(lab.refused('POST', VOLUMES, body, strict)).toMatchObject({
    code: 400,
    message:
      'DataVolume in version "v1beta1" cannot be handled as a DataVolume: strict decoding error: ' +
      'unknown field "spec.storag", unknown field "spec.pvc.foo"',
  });
  const made = lab.ok('POST', VOLUMES, body, { client });
  expect(made.spec).toEqual({ source: { blank: {} }, pvc: {} });
  expect(warnings).toEqual(['unknown field "spec.storag"', 'unknown field "spec.pvc.foo"']);
  expect(made.metadata.managedFields).toMatchObject([{ manager: 'kubectl', operation: 'Update' }]);
  const patch = { spec: { nonsense: true } };
  expect(lab.refused('PATCH', `${VOLUMES}/v`, patch, { ...MERGE, ...strict })).toMatchObject({
    code: 422,
    message: expect.stringContaining('strict decoding error: unknown field "spec.nonsense"'),
  });
});

test('values of a wrong type are refused in the words of the kind', () => {
  const lab = createLab();
  const client: ClientFacts = { userAgent: 'test', warn: () => {} };
  const body = { ...dataVolume('v'), spec: { preallocation: 'yes' } };
  expect(lab.refused('POST', VOLUMES, body, { client })).toMatchObject({
    code: 422,
    message:
      'DataVolume.cdi.kubevirt.io "v" is invalid: spec.preallocation: Invalid value: "string": ' +
      'spec.preallocation in body must be of type boolean: "string"',
  });
  const wrong = { ...pod('p'), spec: { containers: [], terminationGracePeriodSeconds: 'x' } };
  expect(lab.refused('POST', PODS, wrong, { client })).toMatchObject({ code: 400 });
  const vm = {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name: 'm' },
    spec: { running: true },
  };
  const vms = '/apis/kubevirt.io/v1/namespaces/default/virtualmachines';
  expect(lab.refused('POST', vms, vm, { client })).toMatchObject({
    code: 422,
    message: expect.stringContaining('spec.template: Required value'),
  });
});

test('a strategic merge patch merges keyed lists and obeys directives', () => {
  const lab = createLab();
  const containers = [
    { name: 'a', image: '1', env: [{ name: 'X', value: '1' }] },
    { name: 'b', image: '1' },
  ];
  lab.ok('POST', DEPLOYMENTS, deployment({ containers }, { finalizers: ['x/a', 'x/b'] }));
  const patched = lab.ok(
    'PATCH',
    `${DEPLOYMENTS}/p`,
    {
      metadata: { '$deleteFromPrimitiveList/finalizers': ['x/a'], finalizers: ['x/c'] },
      spec: {
        template: {
          spec: {
            '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }],
            containers: [
              { name: 'c', image: '3' },
              { name: 'a', env: [{ name: 'Y', value: '2' }] },
              { name: 'b', $patch: 'delete' },
            ],
            nodeSelector: { a: 'b' },
          },
        },
      },
    },
    STRATEGIC,
  );
  expect(patched.metadata.finalizers).toEqual(['x/b', 'x/c']);
  expect(podSpecOf(patched)).toMatchObject({
    containers: [
      { name: 'c', image: '3' },
      {
        name: 'a',
        image: '1',
        env: [
          { name: 'X', value: '1' },
          { name: 'Y', value: '2' },
        ],
      },
    ],
    nodeSelector: { a: 'b' },
  });
  const replaced = lab.ok(
    'PATCH',
    `${DEPLOYMENTS}/p`,
    deploymentSpec({ containers: [{ $patch: 'replace' }, { name: 'z' }] }),
    STRATEGIC,
  );
  expect(podSpecOf(replaced)).toMatchObject({ containers: [{ name: 'z' }] });
  const keyless = deploymentSpec({ containers: [{ image: 'x' }] });
  expect(lab.refused('PATCH', `${DEPLOYMENTS}/p`, keyless, STRATEGIC).code).toBe(400);
});

test('writes of controllers that say nothing keep no account, unless there is one', () => {
  const lab = createLab();
  expect(lab.ok('POST', MAPS, configMap('m')).metadata.managedFields).toBeUndefined();
  lab.ok('PATCH', `${MAPS}/m`, { data: { a: 'b' } }, MERGE);
  expect(lab.ok('GET', `${MAPS}/m`).metadata.managedFields).toBeUndefined();
  apply(lab, `${VOLUMES}/v`, { ...dataVolume('v'), spec: { preallocation: false } }, 'one');
  lab.ok('PATCH', `${VOLUMES}/v`, { spec: { preallocation: true } }, MERGE);
  lab.ok('PATCH', `${VOLUMES}/v/status`, { status: { phase: 'Pending' } }, MERGE);
  expect(lab.ok('GET', `${VOLUMES}/v`).metadata.managedFields).toMatchObject([
    { manager: 'controllers', fieldsV1: { 'f:spec': { 'f:preallocation': {} } } },
  ]);
});

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

/** Containers come and go in a template only, not in a pod. */
function deployment(spec: object, metadata: Partial<KubeObject['metadata']> = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...metadata, name: 'p' },
    ...deploymentSpec(spec),
  };
}

function deploymentSpec(spec: object) {
  return { spec: { template: { spec } } };
}

function podSpecOf({ spec }: KubeObject): unknown {
  return (spec as { readonly template: { readonly spec: unknown } }).template.spec;
}

test('what a webhook adds at an update is nobody’s, like what it adds at a creation', () => {
  const lab = createLab();
  const path = `${MAPS}/m`;
  lab.server.addAdmission({
    resource: CONFIG_MAPS,
    mutate: (object) => ({ ...object, data: { ...(dataOf(object) as object), hook: 'h' } }),
  });
  const query = { fieldManager: 'one' };
  lab.send('POST', MAPS, mapOf('m', { a: '1' }), { query });
  // It goes with a write that leaves it out, and comes back with the webhook.
  const { body } = lab.send('PUT', path, mapOf('m', { a: '2', b: '1' }), { query });
  expect(dataOf(body)).toEqual({ a: '2', b: '1', hook: 'h' });
  expect((body as KubeObject).metadata.managedFields).toMatchObject([
    { manager: 'one', fieldsV1: { 'f:data': { 'f:a': {}, 'f:b': {} } } },
  ]);
  expect(JSON.stringify((body as KubeObject).metadata.managedFields)).not.toContain('hook');
});
