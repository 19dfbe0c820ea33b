/** Lists, pages, selectors and tables as any Kubernetes API server gives them. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { NAMESPACES } from '../../src/api/resources.ts';
import { objectPath } from '../../src/kube/paths.ts';
import {
  listMeta,
  onEachArm,
  openSubject,
  type Reply,
  type Subject,
} from '../support/conformance-arms.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const PARTIAL = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

interface TableAnswer {
  readonly kind: string;
  readonly apiVersion: string;
  readonly columnDefinitions: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly {
    readonly cells: readonly unknown[];
    readonly object: { readonly kind: string; readonly spec?: unknown };
  }[];
}

onEachArm('reading', (arm) => {
  let subject: Subject;
  beforeAll(async () => {
    subject = await openSubject(arm);
    for (const [name, disk] of Object.entries({ a: 'ssd', b: 'hdd', c: 'ssd', d: '' })) {
      const labels = disk === '' ? {} : { disk };
      await subject.createMap(name, { labels: { ...labels, set: 'read' } });
      await subject.ask('POST', subject.volumes, subject.dataVolume(name, { labels }));
    }
  });
  afterAll(() => subject.close());

  const names = async (path: string, query: Readonly<Record<string, string>>) => {
    const { body } = await subject.ask('GET', path, undefined, { query });
    return body.items?.map(({ metadata }) => metadata.name).join('');
  };

  test('label selectors of each form, for built-in and custom kinds alike', async () => {
    const expected: Readonly<Record<string, string>> = {
      'disk=ssd': 'ac',
      'disk==ssd': 'ac',
      'disk!=ssd': 'bd',
      'disk in (ssd,hdd)': 'abc',
      'disk notin (ssd)': 'bd',
      disk: 'abc',
      '!disk': 'd',
      'disk,disk!=hdd': 'ac',
    };
    for (const [selector, found] of Object.entries(expected)) {
      const custom = await names(subject.volumes, { labelSelector: selector });
      const plain = await names(subject.maps, { labelSelector: `${selector},set=read` });
      expect([selector, custom, plain]).toEqual([selector, found, found]);
    }
    const wrong = await subject.ask('GET', subject.maps, undefined, {
      query: { labelSelector: 'disk in' },
    });
    expect(wrong).toMatchObject({ status: 400, body: { reason: 'BadRequest' } });
  });

  test('field selectors: name and namespace everywhere, others only where a kind has them', async () => {
    for (const path of [subject.maps, subject.volumes]) {
      expect(await names(path, { fieldSelector: 'metadata.name=b' })).toBe('b');
      expect(
        await names(path, { fieldSelector: `metadata.namespace=${subject.namespace}` }),
      ).toMatch(/^abcd/);
      expect(await names(path, { fieldSelector: 'metadata.namespace=other' })).toBe('');
      const wrong = await subject.ask('GET', path, undefined, {
        query: { fieldSelector: 'spec.nonsense=1' },
      });
      expect(wrong.status).toBe(400);
      expect(wrong.body.message).toMatch(/spec\.nonsense/);
    }
  });

  /** A full page may promise more where only objects are left that the selector leaves out. */
  const restOf = async (query: Readonly<Record<string, string>>, page: Reply) => {
    const more = listMeta(page).continue ?? '';
    if (more === '') return [];
    const next = { query: { ...query, continue: more } };
    return (await subject.ask('GET', subject.maps, undefined, next)).body.items;
  };

  test('pages are of one moment, whatever happens between them', async () => {
    const query = { limit: '2', labelSelector: 'set=read' };
    const first = await subject.ask('GET', subject.maps, undefined, { query });
    await subject.createMap('bb', { labels: { set: 'read' } });
    await subject.ask('DELETE', subject.mapPath('c'));
    const second = await subject.ask('GET', subject.maps, undefined, {
      query: { ...query, continue: listMeta(first).continue ?? '' },
    });
    expect(second.body.items?.map(({ metadata }) => metadata.name)).toEqual(['c', 'd']);
    expect(listMeta(second)).toMatchObject({ resourceVersion: listMeta(first).resourceVersion });
    expect(await restOf(query, second)).toEqual([]);
    expect(await names(subject.maps, { labelSelector: 'set=read' })).toBe('abbbd');
  });

  test('a page tells how many are left, unless a selector makes that unknown', async () => {
    const page = (more: Readonly<Record<string, string>>) =>
      subject.ask('GET', subject.volumes, undefined, { query: { limit: '1', ...more } });
    expect(listMeta(await page({})).remainingItemCount).toBe(3);
    expect(listMeta(await page({ labelSelector: 'disk' })).remainingItemCount).toBeUndefined();
    const { continue: next = '' } = listMeta(await page({}));
    expect((await page({ continue: next, resourceVersion: '0' })).status).toBe(200);
    const both = await page({ continue: next, resourceVersion: '1' });
    const text = 'specifying resource version is not allowed when using continue';
    expect(both).toMatchObject({ status: 400, body: { reason: 'BadRequest', message: text } });
    const matched = await page({ continue: next, resourceVersionMatch: 'NotOlderThan' });
    expect(matched.status).toBe(422);
    expect((await page({ sendInitialEvents: 'false' })).status).toBe(422);
    const nonsense = await page({ continue: 'nonsense' });
    expect(nonsense).toMatchObject({ status: 400, body: { reason: 'BadRequest' } });
  });

  test('versions that are asked for: any, exactly one, not yet', async () => {
    const listed = await subject.ask('GET', subject.maps);
    const version = listMeta(listed).resourceVersion ?? '';
    const at = (query: Readonly<Record<string, string>>) =>
      subject.ask('GET', subject.maps, undefined, { query });
    expect((await at({ resourceVersion: '0' })).status).toBe(200);
    await subject.createMap('later');
    const exact = await at({ resourceVersion: version, resourceVersionMatch: 'Exact' });
    expect(exact.body.items?.map(({ metadata }) => metadata.name)).not.toContain('later');
    expect(listMeta(exact).resourceVersion).toBe(version);
    const newer = await at({ resourceVersion: version, resourceVersionMatch: 'NotOlderThan' });
    expect(Number(listMeta(newer).resourceVersion)).toBeGreaterThanOrEqual(Number(version));
    expect((await at({ resourceVersionMatch: 'Exact' })).status).toBe(422);
  });

  test('tables have the columns of the kind', async () => {
    const volumes = (await subject.accept(subject.volumes, TABLE)) as TableAnswer;
    expect([volumes.kind, volumes.apiVersion]).toEqual(['Table', 'meta.k8s.io/v1']);
    expect(volumes.columnDefinitions.map(({ name }) => name)).toEqual([
      'Name',
      'Phase',
      'Progress',
      'Restarts',
      'Age',
    ]);
    expect(volumes.rows).toHaveLength(4);
    expect(volumes.rows[0]?.cells[0]).toBe('a');
    expect(volumes.rows[0]?.object.kind).toBe('PartialObjectMetadata');
    const maps = (await subject.accept(
      `${subject.maps}?labelSelector=set=read`,
      TABLE,
    )) as TableAnswer;
    expect(maps.columnDefinitions.map(({ name }) => name)).toEqual(['Name', 'Data', 'Age']);
    expect(maps.rows[0]?.cells.slice(0, 2)).toEqual(['a', 1]);
    const one = objectPath(NAMESPACES, { name: subject.namespace });
    const namespaces = (await subject.accept(one, TABLE)) as TableAnswer;
    expect(namespaces.rows[0]?.cells.slice(0, 2)).toEqual([subject.namespace, 'Active']);
  });

  test('metadata alone, where that is asked for', async () => {
    const partial = (await subject.accept(subject.volumes, PARTIAL)) as {
      readonly kind: string;
      readonly items: readonly object[];
    };
    expect(partial.kind).toBe('PartialObjectMetadataList');
    expect(partial.items[0]).toMatchObject({ metadata: { name: 'a' } });
    expect(partial.items[0]).not.toHaveProperty('spec');
  });

  test('paths and kinds that are not there', async () => {
    const path = `/apis/cdi.kubevirt.io/v1beta1/namespaces/${subject.namespace}/nothings`;
    for (const nowhere of [path, '/nope', '/apis/nowhere.example/v1', '/healthz/nope']) {
      const { status, body } = await subject.ask('GET', nowhere);
      expect([status, body], nowhere).toEqual([404, '404 page not found\n']);
    }
    for (const unknown of ['/api/v1/nope', '/api/v2', '/apis/apps/v9/deployments']) {
      const { status, body } = await subject.ask('GET', unknown);
      expect([status, body.message], unknown).toEqual([
        404,
        'the server could not find the requested resource',
      ]);
    }
    const sub = await subject.ask('GET', `${subject.volumePath('a')}/nope`);
    expect(sub.body.message).toBe('datavolumes.cdi.kubevirt.io "a" not found');
    const missing = await subject.ask('GET', subject.volumePath('missing'));
    expect(missing).toMatchObject({
      status: 404,
      body: {
        reason: 'NotFound',
        message: 'datavolumes.cdi.kubevirt.io "missing" not found',
        details: { name: 'missing', group: 'cdi.kubevirt.io', kind: 'datavolumes' },
      },
    });
    expect((await subject.ask('POST', subject.mapPath('a'), {})).status).toBe(405);
  });
});

onEachArm('media types', (arm) => {
  let subject: Subject;
  beforeAll(async () => {
    subject = await openSubject(arm);
  });
  afterAll(() => subject.close());

  test('what cannot be given in any type that is taken is refused: 406', async () => {
    for (const path of [subject.maps, subject.volumes, '/version', '/apis']) {
      const refused = await subject.accept(path, 'text/html');
      expect(refused).toMatchObject({ code: 406, reason: 'NotAcceptable', status: 'Failure' });
    }
  });

  test('a type that is taken last counts as well', async () => {
    const list = await subject.accept(subject.maps, 'application/xml, */*;q=0.1');
    expect(list).toMatchObject({ kind: 'ConfigMapList' });
  });

  test('a body of no known type is refused: 415', async () => {
    const sent = { contentType: 'text/plain' };
    for (const path of [subject.maps, subject.volumes]) {
      const refused = await subject.ask('POST', path, {}, sent);
      expect(refused).toMatchObject({ status: 415, body: { reason: 'UnsupportedMediaType' } });
    }
    const json = { contentType: 'application/json' };
    await subject.createMap('typed');
    const patched = await subject.ask('PATCH', subject.mapPath('typed'), {}, json);
    expect(patched).toMatchObject({ status: 415, body: { reason: 'UnsupportedMediaType' } });
  });
});
