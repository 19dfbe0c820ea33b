/** What any Kubernetes API server does with objects: creating, reading, changing, deleting them. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { CONFIG_MAPS } from '../../src/api/resources.ts';
import { collectionPath } from '../../src/kube/paths.ts';
import { listMeta, onEachArm, openSubject, type Subject } from '../support/conformance-arms.ts';

onEachArm('objects', (arm) => {
  let subject: Subject;
  beforeAll(async () => {
    subject = await openSubject(arm);
  });
  afterAll(() => subject.close());

  test('a new object is given identity, version and a time in whole seconds', async () => {
    const { metadata } = await subject.createMap('fresh');
    expect(metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(Number(metadata.resourceVersion)).toBeGreaterThan(0);
    expect(metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  test('names: taken ones, missing ones, generated ones', async () => {
    await subject.createMap('taken');
    const again = await subject.ask('POST', subject.maps, subject.configMap('taken'));
    expect(again).toMatchObject({ status: 409, body: { reason: 'AlreadyExists' } });
    const missing = await subject.ask('GET', subject.mapPath('missing'));
    expect(missing.body.message).toBe('configmaps "missing" not found');
    const generated = await subject.ask('POST', subject.maps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { generateName: 'made-' },
    });
    expect(generated.body.metadata.name).toMatch(/^made-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    const bad = await subject.ask('POST', subject.maps, subject.configMap('Not A Name'));
    expect(bad).toMatchObject({ status: 422, body: { reason: 'Invalid' } });
  });

  test('a stale update conflicts, and one that changes nothing makes no version', async () => {
    const first = await subject.createMap('versions');
    const same = await subject.ask('PUT', subject.mapPath('versions'), first);
    expect(same.body.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    const changed = await subject.ask('PUT', subject.mapPath('versions'), {
      ...first,
      data: { key: 'other' },
    });
    expect(changed.status).toBe(200);
    const stale = await subject.ask('PUT', subject.mapPath('versions'), {
      ...first,
      data: { key: 'third' },
    });
    expect(stale).toMatchObject({ status: 409, body: { reason: 'Conflict' } });
  });

  test('patches of each type', async () => {
    await subject.createMap('patched');
    const patch = (body: unknown, contentType: string) =>
      subject.ask('PATCH', subject.mapPath('patched'), body, { contentType });
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
      subject.ask(
        'PATCH',
        subject.mapPath('applied'),
        { ...subject.configMap('applied'), data: { key } },
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
    for (const name of ['p1', 'p2', 'p3'])
      await subject.createMap(name, { labels: { page: 'yes' } });
    const query = { labelSelector: 'page in (yes)', limit: '2' };
    const first = await subject.ask('GET', subject.maps, undefined, { query });
    const { continue: token = '', resourceVersion } = listMeta(first);
    expect(first.body.items).toHaveLength(2);
    const rest = await subject.ask('GET', subject.maps, undefined, {
      query: { ...query, continue: token },
    });
    expect(rest.body.items).toHaveLength(1);
    expect(listMeta(rest).resourceVersion).toBe(resourceVersion);
    const one = await subject.ask('GET', subject.maps, undefined, {
      query: { fieldSelector: 'metadata.name=p2' },
    });
    expect(one.body.items?.map(({ metadata }) => metadata.name)).toEqual(['p2']);
    const wrong = { query: { fieldSelector: 'data.key=x' } };
    expect((await subject.ask('GET', subject.maps, undefined, wrong)).status).toBe(400);
  });

  test('deletion: preconditions, finalizers, dry runs', async () => {
    const kept = await subject.createMap('kept', { finalizers: ['example.com/hold'] });
    const wrongUid = { preconditions: { uid: '00000000-0000-0000-0000-000000000000' } };
    const options = { apiVersion: 'v1', kind: 'DeleteOptions' };
    expect(
      (await subject.ask('DELETE', subject.mapPath('kept'), { ...options, ...wrongUid })).status,
    ).toBe(409);
    const dry = await subject.ask('DELETE', subject.mapPath('kept'), undefined, {
      query: { dryRun: 'All' },
    });
    expect(dry.status).toBe(200);
    expect(
      (await subject.ask('GET', subject.mapPath('kept'))).body.metadata.deletionTimestamp,
    ).toBeUndefined();
    await subject.ask('DELETE', subject.mapPath('kept'));
    const held = await subject.ask('GET', subject.mapPath('kept'));
    expect(held.body.metadata).toMatchObject({ uid: kept.metadata.uid });
    expect(held.body.metadata.deletionTimestamp).toBeDefined();
    const release = { metadata: { finalizers: null } };
    await subject.ask('PATCH', subject.mapPath('kept'), release, {
      contentType: 'application/merge-patch+json',
    });
    expect((await subject.ask('GET', subject.mapPath('kept'))).status).toBe(404);
  });

  test('a custom kind: generation, status of its own, no strategic merge', async () => {
    const made = await subject.ask('POST', subject.volumes, subject.dataVolume('custom'));
    expect(made).toMatchObject({ status: 201, body: { metadata: { generation: 1 } } });
    expect(made.body.status).toBeUndefined();
    const patch = (path: string, body: unknown, type = 'merge-patch') =>
      subject.ask('PATCH', path, body, { contentType: `application/${type}+json` });
    const status = await patch(`${subject.volumePath('custom')}/status`, {
      status: { phase: 'Pending' },
      spec: { priorityClassName: 'ignored' },
    });
    expect(status.body).toMatchObject({
      metadata: { generation: 1 },
      status: { phase: 'Pending' },
    });
    expect(status.body.spec).not.toHaveProperty('priorityClassName');
    const main = await patch(subject.volumePath('custom'), { status: { phase: 'Succeeded' } });
    expect(main.body.status).toMatchObject({ phase: 'Pending' });
    const strategic = await patch(subject.volumePath('custom'), {}, 'strategic-merge-patch');
    expect(strategic.status).toBe(415);
    const { metadata, ...rest } = subject.dataVolume('custom');
    const unversioned = await subject.ask('PUT', subject.volumePath('custom'), {
      ...rest,
      metadata,
    });
    expect(unversioned.status).toBe(422);
  });

  test('strict validation names what it does not know', async () => {
    const strange = { ...subject.configMap('strange'), surplus: true };
    const strict = await subject.ask('POST', subject.maps, strange, {
      query: { fieldValidation: 'Strict' },
    });
    expect(strict.status).toBe(400);
    expect(strict.body.message).toContain('unknown field "surplus"');
    expect((await subject.ask('GET', subject.mapPath('strange'))).status).toBe(404);
  });

  test('a namespace that is not there', async () => {
    const path = collectionPath(CONFIG_MAPS, 'nowhere-to-be-found');
    const { status, body } = await subject.ask(
      'POST',
      path,
      subject.configMap('lost', { namespace: 'nowhere-to-be-found' }),
    );
    expect(status).toBe(404);
    expect(body.message).toContain('namespaces "nowhere-to-be-found" not found');
  });
});
