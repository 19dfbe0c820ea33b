/** Kinds that a client defines: served, checked, changed, taken away. */

import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../../src/api/object.ts';
import type { KubeList } from '../../../../src/api/object.ts';
import { createRng } from '../../../../src/core/rng.ts';
import { seedCustomResourceDefinitions } from '../../../../src/sim/apiserver/custom/crds.ts';
import { createApiServer } from '../../../../src/sim/apiserver/server/server.ts';
import { createKernel } from '../../../../src/sim/kernel/kernel.ts';
import { createLab, type Lab, MERGE, told } from '../lab.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const TABS = '/apis/ex.io/v1/namespaces/default/tabs';
const OLD_TABS = '/apis/ex.io/v1beta1/namespaces/default/tabs';
const WIRE = { client: { userAgent: 'kubectl', warn: () => {} } };

const SPEC = {
  type: 'object',
  required: ['cron'],
  properties: {
    cron: { type: 'string', minLength: 3, pattern: '^[*]' },
    image: { type: 'string', default: 'busybox' },
    replicas: { type: 'integer', minimum: 1, maximum: 10 },
    when: { type: 'string', nullable: true },
    ports: { type: 'array', items: { type: 'integer' }, maxItems: 2 },
    extra: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    port: { 'x-kubernetes-int-or-string': true },
  },
};

interface Options {
  readonly spec?: object;
  readonly status?: object;
  readonly scope?: string;
  readonly storage?: 'v1' | 'v1beta1';
}

function definition(options: Options = {}) {
  const { spec = SPEC, status = ANYTHING, scope = 'Namespaced', storage = 'v1' } = options;
  const version = (name: string) => ({
    name,
    served: true,
    storage: name === storage,
    schema: { openAPIV3Schema: { type: 'object', properties: { spec, status } } },
    subresources: {
      status: {},
      scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
    },
    additionalPrinterColumns: [{ name: 'Cron', type: 'string', jsonPath: '.spec.cron' }],
  });
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'tabs.ex.io' },
    spec: {
      group: 'ex.io',
      scope,
      names: { plural: 'tabs', kind: 'Tab', shortNames: ['t'] },
      versions: [version('v1beta1'), version('v1')],
    },
  };
}

const ANYTHING = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

function tab(name: string, spec: object = { cron: '* *' }, version = 'v1'): KubeObject {
  return { apiVersion: `ex.io/${version}`, kind: 'Tab', metadata: { name }, spec };
}

/** A lab in which the definition is established. */
async function withTabs(use: (lab: Lab) => void | Promise<void>, options?: Options) {
  const lab = createLab();
  await lab.kernel.run(async () => {
    lab.ok('POST', DEFINITIONS, definition(options), WIRE);
    await lab.kernel.sleep(1);
    await use(lab);
  });
}

describe('a definition', () => {
  test('is established, with names filled in, and its kind served in all versions', () =>
    withTabs((lab) => {
      const established = lab.ok('GET', `${DEFINITIONS}/tabs.ex.io`);
      expect(established).toMatchObject({
        spec: { names: { singular: 'tab', listKind: 'TabList' }, conversion: { strategy: 'None' } },
        status: {
          acceptedNames: { plural: 'tabs', kind: 'Tab' },
          conditions: [
            { type: 'NamesAccepted', status: 'True' },
            { type: 'Established', status: 'True' },
          ],
          storedVersions: ['v1'],
        },
      });
      lab.ok('POST', TABS, tab('a'), WIRE);
      const list = lab.ok('GET', OLD_TABS) as unknown as KubeList;
      expect(list).toMatchObject({ kind: 'TabList', apiVersion: 'ex.io/v1beta1' });
      expect(list.items[0]?.apiVersion).toBe('ex.io/v1beta1');
    }));

  test.each([
    ['another name', { metadata: { name: 'x.ex.io' } }, 'metadata.name'],
    ['no storage version', { spec: { versions: [] } }, 'spec.versions'],
    ['a scope of its own', { spec: { scope: 'Global' } }, 'spec.scope'],
  ])('with %s is refused', (_, change, field) => {
    const lab = createLab();
    const good = definition();
    const bad = {
      ...good,
      ...change,
      spec: { ...good.spec, ...('spec' in change && change.spec) },
    };
    const { status, body } = lab.send('POST', DEFINITIONS, bad, WIRE);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(JSON.stringify(body)).toContain(field);
  });

  test('whose schema does not say its types is refused', () => {
    const lab = createLab();
    const bad = definition({ spec: { type: 'object', properties: { a: { default: 1 } } } });
    const { details } = lab.refused('POST', DEFINITIONS, bad, WIRE);
    expect(details?.causes?.[0]).toMatchObject({
      field: 'spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[a].type',
    });
  });

  test('with a pattern that is none to Go is refused, wherever it stands', () => {
    const a = { type: 'string', pattern: '+', anyOf: [{ pattern: '^a' }, { pattern: '(?=a)' }] };
    const bad = definition({ spec: { type: 'object', properties: { a } } });
    const { details } = createLab().refused('POST', DEFINITIONS, bad, WIRE);
    const field = 'spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[a]';
    const message = expect.stringContaining("must be a valid regular expression, but isn't: ");
    const ofFirst = details?.causes?.filter(({ field: at }) => at?.startsWith(field));
    expect(ofFirst).toMatchObject([
      { field: `${field}.pattern`, message },
      { field: `${field}.anyOf[1].pattern`, message },
    ]);
  });

  test('whose kind another one of the group has is not established', () =>
    withTabs(async (lab) => {
      const other = definition();
      const names = { plural: 'tabloids', kind: 'Tab' };
      const metadata = { name: 'tabloids.ex.io' };
      lab.ok('POST', DEFINITIONS, { ...other, metadata, spec: { ...other.spec, names } }, WIRE);
      await lab.kernel.sleep(1);
      const { status } = lab.ok('GET', `${DEFINITIONS}/tabloids.ex.io`);
      expect(status).toMatchObject({ conditions: [{ status: 'False' }, { status: 'False' }] });
      expect(lab.send('GET', '/apis/ex.io/v1/tabloids').status).toBe(404);
    }));

  test('that is changed changes what is served, and keeps the objects', () =>
    withTabs(async (lab) => {
      lab.ok('POST', TABS, tab('a'), WIRE);
      const { spec } = definition({ storage: 'v1beta1', spec: ANYTHING });
      lab.ok('PATCH', `${DEFINITIONS}/tabs.ex.io`, { spec }, { ...WIRE, ...MERGE });
      await lab.kernel.sleep(1);
      expect(lab.ok('POST', TABS, tab('b', { odd: 1 }), WIRE).spec).toEqual({ odd: 1 });
      const list = lab.ok('GET', TABS) as unknown as KubeList;
      expect(list.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
      expect(lab.server.save().objects.filter(({ kind }) => kind === 'Tab')).toMatchObject([
        { apiVersion: 'ex.io/v1beta1' },
        { apiVersion: 'ex.io/v1beta1' },
      ]);
    }));

  test('that is deleted takes its objects with it when nothing holds them, and ends watches', () =>
    withTabs(async (lab) => {
      lab.ok('POST', TABS, tab('free'), WIRE);
      const held = tab('held');
      const metadata = { ...held.metadata, finalizers: ['ex.io/hold'] };
      lab.ok('POST', TABS, { ...held, metadata }, WIRE);
      const watch = lab.watch(TABS);
      lab.ok('DELETE', `${DEFINITIONS}/tabs.ex.io`);
      await lab.kernel.sleep(1);
      expect(lab.ok('GET', `${DEFINITIONS}/tabs.ex.io`).metadata.deletionTimestamp).toBeDefined();
      lab.ok('PATCH', `${TABS}/held`, { metadata: { finalizers: null } }, MERGE);
      await lab.kernel.sleep(1);
      expect(lab.send('GET', `${DEFINITIONS}/tabs.ex.io`).status).toBe(404);
      expect(lab.send('GET', TABS).status).toBe(404);
      expect(told(watch.events).slice(-2)).toEqual(['MODIFIED held', 'DELETED held'].slice(-2));
      expect(watch.ended).toBe(true);
    }));

  test('outlives the server that it was made on', () =>
    withTabs((lab) => {
      lab.ok('POST', TABS, tab('a'), WIRE);
      const next = createApiServer({
        clock: createKernel(),
        rng: createRng(1),
        saved: lab.server.save(),
      });
      expect(next.handle({ method: 'GET', path: `${TABS}/a` })).toMatchObject({ status: 200 });
    }));

  test('of a built-in kind comes back when it is deleted', async () => {
    const lab = createLab();
    seedCustomResourceDefinitions(lab.server, '2024-06-01T00:00:00Z');
    await lab.kernel.run(async () => {
      const path = `${DEFINITIONS}/datavolumes.cdi.kubevirt.io`;
      const { uid } = lab.ok('GET', path).metadata;
      lab.ok('DELETE', path);
      await lab.kernel.sleep(1);
      const back = lab.ok('GET', path);
      expect(back.metadata.uid).not.toBe(uid);
      expect(back.status).toMatchObject({ conditions: [{ status: 'True' }, { status: 'True' }] });
    });
  });
});

describe('an object of a defined kind', () => {
  test('has unknown fields taken out and defaults filled in', () =>
    withTabs((lab) => {
      const spec = { cron: '* *', odd: 1, extra: { any: [null] }, when: null, replicas: null };
      const { metadata, ...rest } = lab.ok('POST', TABS, tab('a', spec), WIRE);
      expect(rest.spec).toEqual({
        cron: '* *',
        extra: { any: [null] },
        when: null,
        image: 'busybox',
      });
      expect(metadata.generation).toBe(1);
    }));

  test.each([
    ['a missing field', {}, 'spec.cron', 'Required value'],
    ['a short text', { cron: '*' }, 'spec.cron', 'at least 3 chars long'],
    ['a text of another form', { cron: 'daily' }, 'spec.cron', "should match '^[*]'"],
    ['a small number', { cron: '* *', replicas: 0 }, 'spec.replicas', 'or equal to 1'],
    ['another type', { cron: '* *', replicas: '3' }, 'spec.replicas', 'must be of type integer'],
    ['a long list', { cron: '* *', ports: [1, 2, 3] }, 'spec.ports', 'at most 2 items'],
    ['a wrong item', { cron: '* *', ports: ['x'] }, 'spec.ports[0]', 'of type integer'],
    ['a wrong value', { cron: '* *', labels: { a: 1 } }, 'spec.labels.a', 'of type string'],
    ['neither number nor text', { cron: '* *', port: {} }, 'spec.port', 'integer,string'],
  ])('with %s is refused', (_, spec, field, message) =>
    withTabs((lab) => {
      const { code, details } = lab.refused('POST', TABS, tab('a', spec), WIRE);
      expect(code).toBe(422);
      expect(details?.causes).toMatchObject([{ field, message: expect.stringContaining(message) }]);
    }),
  );

  test('has status and scale of its own, within the limits of its schema', () =>
    withTabs((lab) => {
      lab.ok('POST', TABS, { ...tab('a'), status: { replicas: 9 } }, WIRE);
      lab.ok('PATCH', `${TABS}/a/status`, { status: { replicas: 2 } }, { ...MERGE, ...WIRE });
      const scale = (replicas: number) =>
        lab.send('PATCH', `${TABS}/a/scale`, { spec: { replicas } }, { ...MERGE, ...WIRE });
      expect(scale(4).body).toMatchObject({ kind: 'Scale', status: { replicas: 2 } });
      expect(scale(11).status).toBe(422);
      expect(lab.ok('GET', `${TABS}/a`)).toMatchObject({ spec: { replicas: 4 } });
    }));

  test('begins with the default of its status, whatever the client sends', () =>
    withTabs(
      (lab) => {
        const sent = { ...tab('a'), status: { phase: 'Done' } };
        expect(lab.ok('POST', TABS, sent, WIRE).status).toEqual({ phase: 'Waiting' });
      },
      { status: { ...ANYTHING, default: { phase: 'Waiting' } } },
    ));

  test('of cluster scope lives outside namespaces', () =>
    withTabs(
      (lab) => {
        lab.ok('POST', '/apis/ex.io/v1/tabs', tab('a'), WIRE);
        expect(lab.send('GET', TABS).status).toBe(404);
      },
      { scope: 'Cluster' },
    ));
});

describe('another version of a kind', () => {
  const NEW = '/apis/kubevirt.io/v1/namespaces/default/virtualmachines';
  const OLD = '/apis/kubevirt.io/v1alpha3/namespaces/default/virtualmachines';
  const vm = (apiVersion: string) => ({
    apiVersion,
    kind: 'VirtualMachine',
    metadata: { name: 'm' },
    spec: { running: false, template: { spec: { domain: { devices: {} } } } },
  });

  test('is read, written and watched in its own apiVersion, and stored in one', () => {
    const lab = createLab();
    const [before, after] = [lab.watch(NEW), lab.watch(OLD)];
    expect(lab.ok('POST', OLD, vm('kubevirt.io/v1alpha3'), WIRE)).toMatchObject({
      apiVersion: 'kubevirt.io/v1alpha3',
    });
    expect(lab.ok('GET', `${NEW}/m`).apiVersion).toBe('kubevirt.io/v1');
    const old = lab.ok('GET', `${OLD}/m`);
    const { resourceVersion } = lab.ok('PUT', `${OLD}/m`, old, WIRE).metadata;
    expect(resourceVersion).toBe(old.metadata.resourceVersion);
    lab.ok('PATCH', `${OLD}/m`, { spec: { running: true } }, { ...MERGE, ...WIRE });
    expect(before.events.map(({ object }) => object.apiVersion)).toEqual(
      Array(2).fill('kubevirt.io/v1'),
    );
    expect(after.events.map(({ object }) => object.apiVersion)).toEqual(
      Array(2).fill('kubevirt.io/v1alpha3'),
    );
  });

  test('takes no body of another one', () => {
    const lab = createLab();
    expect(lab.refused('POST', OLD, vm('kubevirt.io/v1'), WIRE).code).toBe(400);
    expect(lab.refused('POST', NEW, vm('kubevirt.io/v1alpha3'), WIRE).code).toBe(400);
  });
});

const EITHER = [{ required: ['a'] }, { required: ['b'] }];
const PAIR = { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } };
const COMBINED = {
  type: 'object',
  properties: {
    one: { ...PAIR, oneOf: EITHER },
    any: { ...PAIR, anyOf: EITHER },
    all: {
      type: 'object',
      properties: { a: { type: 'string' }, n: { type: 'integer' } },
      allOf: [{ required: ['a'] }, { properties: { n: { minimum: 3 } } }],
    },
    none: { ...PAIR, not: { required: ['a'] } },
    items: {
      type: 'array',
      items: { type: 'string', oneOf: [{ pattern: '^x' }, { pattern: 'y$' }] },
    },
    port: {
      'x-kubernetes-int-or-string': true,
      anyOf: [{ type: 'integer' }, { type: 'string' }],
    },
    nest: {
      type: 'object',
      properties: { a: { type: 'integer' } },
      anyOf: [{ properties: { a: { minimum: 5 } }, required: ['a'] }, { not: { required: ['a'] } }],
    },
  },
};

/** Each as kube-apiserver v1.33 says it. */
test.each([
  [
    { one: {} },
    '[<nil>: Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found ' +
      'none valid, spec.one.a: Required value]',
  ],
  [
    { one: { a: '1', b: '2' } },
    '<nil>: Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found 2 ' +
      'valid alternatives',
  ],
  [
    { one: 7 },
    '[spec.one: Invalid value: "integer": spec.one in body must be of type object: "integer", ' +
      '<nil>: Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found ' +
      '2 valid alternatives]',
  ],
  [
    { one: { a: 7 } },
    'spec.one.a: Invalid value: "integer": spec.one.a in body must be of type string: "integer"',
  ],
  [
    { any: {} },
    '[<nil>: Invalid value: "": "spec.any" must validate at least one schema (anyOf), ' +
      'spec.any.a: Required value]',
  ],
  [
    { all: { n: 1 } },
    '[spec.all.a: Required value, spec.all.n: Invalid value: 1: spec.all.n in body should be ' +
      'greater than or equal to 3, <nil>: Invalid value: "": "spec.all" must validate all the ' +
      'schemas (allOf). None validated]',
  ],
  [
    { all: {} },
    '[spec.all.a: Required value, <nil>: Invalid value: "": "spec.all" must validate all the ' +
      'schemas (allOf)]',
  ],
  [
    { none: { a: '1' } },
    '<nil>: Invalid value: "": "spec.none" must not validate the schema (not)',
  ],
  [
    { items: ['a', 'xy'] },
    '[<nil>: Invalid value: "": "spec.items[0]" must validate one and only one schema (oneOf). ' +
      'Found none valid, spec.items[0]: Invalid value: "a": spec.items[0] in body should match ' +
      '\'^x\', <nil>: Invalid value: "": "spec.items[1]" must validate one and only one schema ' +
      '(oneOf). Found 2 valid alternatives]',
  ],
  [
    { port: true },
    '[spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: ' +
      '"boolean", <nil>: Invalid value: "": "spec.port" must validate at least one schema ' +
      '(anyOf), spec.port: Invalid value: "boolean": spec.port in body must be of type integer: ' +
      '"boolean"]',
  ],
  [
    { nest: { a: 1 } },
    '[<nil>: Invalid value: "": "spec.nest" must validate at least one schema (anyOf), ' +
      'spec.nest.a: Invalid value: 1: spec.nest.a in body should be greater than or equal to 5]',
  ],
])('alternatives: %j is refused', (spec, words) =>
  withTabs(
    (lab) => {
      const { code, message } = lab.refused('POST', TABS, tab('c', spec), WIRE);
      expect([code, message]).toEqual([422, `Tab.ex.io "c" is invalid: ${words}`]);
    },
    { spec: COMBINED },
  ),
);

test('alternatives: what holds is taken', () =>
  withTabs(
    (lab) => {
      const spec = {
        one: { a: '1' },
        any: { a: '1', b: '2' },
        all: { a: '1', n: 3 },
        none: { b: '1' },
        items: ['x', 'y'],
        port: '1',
        nest: {},
      };
      expect(lab.ok('POST', TABS, tab('c', spec), WIRE).spec).toEqual(spec);
    },
    { spec: COMBINED },
  ));
