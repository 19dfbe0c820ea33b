/** Applying, validating, rehearsing and deleting, as any Kubernetes API server does it. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeObject } from '../../src/api/object.ts';
import { CLAIMS, NAMESPACES, NODES, PODS } from '../../src/api/resources.ts';
import { collectionPath, objectPath } from '../../src/kube/paths.ts';
import {
  type Asking,
  onEachArm,
  openSubject,
  ownsVolumes,
  type Subject,
} from '../support/conformance-arms.ts';

const APPLY = 'application/apply-patch+yaml';
const STRICT: Asking = { query: { fieldValidation: 'Strict' } };

onEachArm('writing', (arm) => {
  let subject: Subject;
  beforeAll(async () => {
    subject = await openSubject(arm);
  });
  afterAll(() => subject.close());

  const apply = (path: string, body: unknown, fieldManager: string, force = 'false') =>
    subject.ask('PATCH', path, body, { contentType: APPLY, query: { fieldManager, force } });

  test('server-side apply: a manager gives up a field by no longer naming it', async () => {
    const path = subject.mapPath('owned');
    const say = (manager: string, data: object) =>
      apply(path, { ...subject.configMap('owned'), data }, manager);
    expect((await say('one', { a: '1', b: '1' })).status).toBe(201);
    expect((await say('two', { c: '2' })).body.data).toEqual({ a: '1', b: '1', c: '2' });
    expect((await say('one', { a: '1' })).body.data).toEqual({ a: '1', c: '2' });
    const shared = await say('two', { a: '1', c: '2' });
    expect(shared.status).toBe(200);
    expect((await say('one', {})).body.data).toEqual({ a: '1', c: '2' });
  });

  test.skipIf(ownsVolumes(arm))(
    'server-side apply: conflicts name who has the field, and which',
    async () => {
      const path = subject.volumePath('owned');
      const made = await apply(path, subject.dataVolume('owned'), 'one');
      expect(made.status).toBe(201);
      const other = withSpec(subject.dataVolume('owned'), {
        source: { http: { url: 'http://x/y' } },
      });
      const more = withSpec(other, { source: { blank: {} }, priorityClassName: 'high' });
      expect((await apply(path, more, 'two')).status).toBe(200);
      const changed = withSpec(more, { priorityClassName: 'low' });
      const refused = await apply(path, changed, 'one');
      expect(refused).toMatchObject({ status: 409, body: { reason: 'Conflict' } });
      expect(refused.body.message).toBe(
        'Apply failed with 1 conflict: conflict with "two": .spec.priorityClassName',
      );
      expect(refused.body.details?.causes).toEqual([
        {
          reason: 'FieldManagerConflict',
          message: 'conflict with "two"',
          field: '.spec.priorityClassName',
        },
      ]);
      const forced = await apply(path, changed, 'one', 'true');
      expect(forced.body.spec?.['priorityClassName']).toBe('low');
      const managers = managersOf(forced.body);
      expect(managers).toEqual(expect.arrayContaining(['one Apply', 'two Apply']));
    },
  );

  test('server-side apply needs a manager, and takes no managedFields', async () => {
    const body = subject.configMap('managed');
    const nobody = await subject.ask('PATCH', subject.mapPath('managed'), body, {
      contentType: APPLY,
    });
    expect(nobody.status).toBe(422);
    const fields = { ...body, metadata: { ...body.metadata, managedFields: [{ manager: 'x' }] } };
    expect((await apply(subject.mapPath('managed'), fields, 'one')).status).toBe(400);
  });

  test('updates and patches are remembered under the name of their client', async () => {
    await subject.createMap('fields');
    await subject.ask(
      'PATCH',
      subject.mapPath('fields'),
      { data: { b: '2' } },
      {
        contentType: 'application/merge-patch+json',
        query: { fieldManager: 'patcher' },
      },
    );
    const { body } = await subject.ask('GET', subject.mapPath('fields'));
    expect(managersOf(body)).toEqual(['conformance Update', 'patcher Update']);
  });

  test('strict validation names all that it does not know, once each', async () => {
    const strange = { ...subject.configMap('strange'), surplus: true, data2: {} };
    const strict = await subject.ask('POST', subject.maps, strange, STRICT);
    expect(strict).toMatchObject({ status: 400, body: { reason: 'BadRequest' } });
    expect(strict.body.message).toContain('strict decoding error: unknown field "surplus"');
    expect(strict.body.message).toContain('unknown field "data2"');
    const volume = withSpec(subject.dataVolume('strange'), { surplus: true });
    const custom = await subject.ask('POST', subject.volumes, volume, STRICT);
    expect(custom.status).toBe(400);
    expect(custom.body.message).toContain('strict decoding error: unknown field "spec.surplus"');
    expect((await subject.ask('GET', subject.volumePath('strange'))).status).toBe(404);
    const ignored = await subject.ask('POST', subject.volumes, volume, {
      query: { fieldValidation: 'Ignore' },
    });
    expect(ignored.status).toBe(201);
    expect(ignored.body.spec).not.toHaveProperty('surplus');
    const unknown = await subject.ask('POST', subject.maps, strange, {
      query: { fieldValidation: 'Loud' },
    });
    expect(unknown.status).toBe(422);
  });

  test.skipIf(ownsVolumes(arm))(
    'values of a wrong type are refused with the path to them',
    async () => {
      const volume = withSpec(subject.dataVolume('wrong'), { source: { http: { url: 7 } } });
      const { status, body } = await subject.ask('POST', subject.volumes, volume);
      expect([status, body.reason]).toEqual([422, 'Invalid']);
      expect(body.message).toContain('DataVolume.cdi.kubevirt.io "wrong" is invalid');
      expect(body.message).toContain('spec.source.http.url: Invalid value: "integer"');
      const map = { ...subject.configMap('wrong'), data: { key: 7 } };
      expect((await subject.ask('POST', subject.maps, map)).status).toBe(400);
    },
  );

  test('names and labels that are none', async () => {
    const bad = await subject.ask('POST', subject.volumes, subject.dataVolume('Not_A_Name'));
    expect(bad).toMatchObject({ status: 422, body: { reason: 'Invalid' } });
    expect(bad.body.message).toContain('metadata.name: Invalid value: "Not_A_Name"');
    const labels = { 'a key': 'x' };
    const labelled = await subject.ask('POST', subject.maps, subject.configMap('l', { labels }));
    expect(labelled.status).toBe(422);
    expect(labelled.body.message).toContain('metadata.labels: Invalid value: "a key"');
    const finalizers = ['undomesticated'];
    const held = await subject.ask('POST', subject.maps, subject.configMap('f', { finalizers }));
    expect(held.status).toBe(422);
    expect(held.body.message).toContain('name is neither a standard finalizer name');
    const custom = subject.dataVolume('f', { finalizers });
    expect((await subject.ask('POST', subject.volumes, custom)).status).toBe(201);
    await subject.merge(subject.volumePath('f'), { metadata: { finalizers: null } });
    const nameless = { ...subject.configMap('x'), metadata: { namespace: subject.namespace } };
    const none = await subject.ask('POST', subject.maps, nameless);
    expect(none.status).toBe(422);
    expect(none.body.message).toContain('name or generateName is required');
    const elsewhere = subject.configMap('x', { namespace: 'default' });
    expect((await subject.ask('POST', subject.maps, elsewhere)).status).toBe(400);
    const renamed = await subject.ask('PUT', subject.mapPath('x'), subject.configMap('y'));
    expect(renamed.status).toBe(400);
  });

  test('a rehearsal answers as the real thing and leaves nothing', async () => {
    const dry: Asking = { query: { dryRun: 'All' } };
    const made = await subject.ask('POST', subject.maps, subject.configMap('dry'), dry);
    expect(made.status).toBe(201);
    expect(made.body.metadata.uid).toBeDefined();
    expect((await subject.ask('GET', subject.mapPath('dry'))).status).toBe(404);
    const kept = await subject.createMap('dry');
    const put = await subject.ask(
      'PUT',
      subject.mapPath('dry'),
      { ...kept, data: { a: 'b' } },
      dry,
    );
    expect(put.body.data).toEqual({ a: 'b' });
    await subject.ask('DELETE', subject.mapPath('dry'), undefined, dry);
    const after = await subject.ask('GET', subject.mapPath('dry'));
    expect(after.body.metadata.resourceVersion).toBe(kept.metadata.resourceVersion);
    const some = await subject.ask('POST', subject.maps, kept, { query: { dryRun: 'Some' } });
    expect(some.status).toBe(422);
  });

  test('a claim says twice what fills it, with null for the core group', async () => {
    const claims = collectionPath(CLAIMS, subject.namespace);
    const claim = async (name: string, source: object) => {
      const resources = { requests: { storage: '1Gi' } };
      const spec = { accessModes: ['ReadWriteOnce'], resources, ...source };
      const metadata = { name, namespace: subject.namespace };
      const body = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec };
      return (await subject.ask('POST', claims, body)).body.spec;
    };
    const kind = 'PersistentVolumeClaim';
    const other = { apiGroup: null, kind, name: 'x' };
    expect(await claim('a', { dataSourceRef: { kind, name: 'x' } })).toMatchObject({
      dataSource: other,
      dataSourceRef: other,
    });
    const populator = { apiGroup: 'cdi.kubevirt.io', kind: 'VolumeCloneSource', name: 'x' };
    expect(await claim('b', { dataSourceRef: populator })).toMatchObject({ dataSource: populator });
    // What no driver can serve is not taken as a dataSource.
    expect(await claim('c', { dataSource: populator })).not.toHaveProperty('dataSource');
  });

  test('a claim says how it is used and how large it is, and stays what it is', async () => {
    const claims = collectionPath(CLAIMS, subject.namespace);
    const good = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    const create = (name: string, spec: object) =>
      subject.ask('POST', claims, {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name },
        spec,
      });
    const none = await create('none', {});
    expect([none.status, none.body.message]).toEqual([
      422,
      'PersistentVolumeClaim "none" is invalid: [spec.accessModes: Required value: at least 1 ' +
        'access mode is required, spec.resources[storage]: Required value]',
    ]);
    const odd = await create('odd', { ...good, accessModes: ['Odd'] });
    expect(odd.body.details?.causes?.[0]).toMatchObject({
      reason: 'FieldValueNotSupported',
      field: 'spec.accessModes',
    });
    const mode = await create('odd', { ...good, volumeMode: 'Odd' });
    expect([mode.status, mode.body.message]).toEqual([
      422,
      'PersistentVolumeClaim "odd" is invalid: spec.volumeMode: Unsupported value: "Odd": ' +
        'supported values: "Block", "Filesystem"',
    ]);
    expect((await create('kept', good)).status).toBe(201);
    const path = objectPath(CLAIMS, { namespace: subject.namespace, name: 'kept' });
    for (const change of [
      { accessModes: ['ReadWriteMany'] },
      { resources: { requests: { storage: '2Gi' } } },
    ]) {
      const { status, body } = await subject.merge(path, { spec: change });
      expect(status).toBe(422);
      expect(body.message).toContain(
        'spec: Forbidden: spec is immutable after creation except resources.requests',
      );
    }
  });

  test('of a pod little changes but its images', async () => {
    const pods = collectionPath(PODS, subject.namespace);
    const containers = [{ name: 'a', image: 'x' }];
    const create = (spec: object) =>
      subject.ask('POST', pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec });
    const bare = await create({ containers: [] });
    expect([bare.status, bare.body.message]).toEqual([
      422,
      'Pod "p" is invalid: spec.containers: Required value',
    ]);
    // Nothing is to be mounted into it, which a merge of containers would take away.
    const spec = { containers, activeDeadlineSeconds: 5, automountServiceAccountToken: false };
    expect((await create(spec)).status).toBe(201);
    const path = objectPath(PODS, { namespace: subject.namespace, name: 'p' });
    const merge = (spec: object) => subject.merge(path, { spec });
    expect((await merge({ containers: [{ name: 'a', image: 'y' }] })).status).toBe(200);
    const bound = await merge({ nodeName: 'n' });
    expect(bound.status).toBe(422);
    expect(bound.body.message).toContain(
      'Pod "p" is invalid: spec: Forbidden: pod updates may not change fields other than',
    );
    const more = await merge({ containers: [...containers, { name: 'b', image: 'x' }] });
    expect(more.body.message).toBe(
      'Pod "p" is invalid: spec.containers: Forbidden: pod updates may not add or remove containers',
    );
    const later = await merge({ activeDeadlineSeconds: 9 });
    expect(later.body.message).toBe(
      'Pod "p" is invalid: spec.activeDeadlineSeconds: Invalid value: 9: must be less than or ' +
        'equal to previous value',
    );
  });

  test.skipIf(ownsVolumes(arm))(
    'collections of metadata with nothing in them are left out',
    async () => {
      const metadata = { labels: {}, annotations: { a: 'b' }, finalizers: [] };
      const made = await subject.createMap('hollow', metadata);
      expect(made.metadata).not.toHaveProperty('labels');
      expect(made.metadata).not.toHaveProperty('finalizers');
      await subject.ask('POST', subject.volumes, subject.dataVolume('hollow', metadata));
      for (const path of [subject.mapPath('hollow'), subject.volumePath('hollow')]) {
        const { body } = await subject.merge(path, { metadata: { annotations: { a: null } } });
        expect(body.metadata).not.toHaveProperty('annotations');
      }
    },
  );

  test('an update is named with its version where an apply runs into it', async () => {
    await subject.ask('POST', subject.maps, subject.configMap('updated'), {
      query: { fieldManager: 'hand' },
    });
    const body = { ...subject.configMap('updated'), data: { key: 'other' } };
    const refused = await apply(subject.mapPath('updated'), body, 'one');
    expect(refused.body.message).toBe(
      'Apply failed with 1 conflict: conflict with "hand" using v1: .data.key',
    );
  });

  test('what admission adds: a hold on claims, a taint on nodes', async () => {
    const resources = { requests: { storage: '1Gi' } };
    const metadata = { name: 'admitted', namespace: subject.namespace };
    const spec = { accessModes: ['ReadWriteOnce'], resources };
    const body = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec };
    const claim = await subject.ask('POST', collectionPath(CLAIMS, subject.namespace), body);
    expect(claim.body.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection']);
    const name = `${subject.namespace}-node`;
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name } };
    const made = await subject.ask('POST', collectionPath(NODES), node);
    await subject.ask('DELETE', objectPath(NODES, { name }));
    expect(made.body.spec?.['taints']).toEqual([
      { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
    ]);
  });

  test('what only the server may say', async () => {
    const versioned = subject.configMap('versioned', { resourceVersion: '5' });
    const refused = await subject.ask('POST', subject.maps, versioned);
    expect(refused.status).toBe(500);
    expect(refused.body.message).toContain('resourceVersion should not be set on objects');
    const forever = await subject.ask('DELETE', objectPath(NAMESPACES, { name: 'default' }));
    expect(forever).toMatchObject({ status: 403, body: { reason: 'Forbidden' } });
  });

  test('a name that is generated keeps what was asked for in front', async () => {
    const prefix = 'x'.repeat(70);
    const metadata = { generateName: `${prefix}-`, namespace: subject.namespace };
    const { status, body } = await subject.ask('POST', subject.maps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
    });
    expect(status).toBe(201);
    expect(body.metadata.generateName).toBe(`${prefix}-`);
    // 63 characters in all: 58 of the prefix and five of its own.
    expect(body.metadata.name).toMatch(/^x{58}[a-z0-9]{5}$/);
  });
});

onEachArm('deleting', (arm) => {
  let subject: Subject;
  beforeAll(async () => {
    subject = await openSubject(arm);
  });
  afterAll(() => subject.close());

  const options = { apiVersion: 'v1', kind: 'DeleteOptions' };

  test('preconditions: another UID or another version is no match', async () => {
    const { metadata } = await subject.createMap('sure');
    const remove = (preconditions: object) =>
      subject.ask('DELETE', subject.mapPath('sure'), { ...options, preconditions });
    const wrong = await remove({ uid: '00000000-0000-0000-0000-000000000000' });
    expect(wrong).toMatchObject({ status: 409, body: { reason: 'Conflict' } });
    expect(wrong.body.message).toContain(
      'Operation cannot be fulfilled on ConfigMap "sure": the UID in the precondition',
    );
    expect((await remove({ resourceVersion: '1' })).status).toBe(409);
    const gone = await remove({ uid: metadata.uid });
    expect(gone).toMatchObject({
      status: 200,
      body: { kind: 'Status', status: 'Success', details: { name: 'sure', uid: metadata.uid } },
    });
    expect((await remove({ uid: metadata.uid })).status).toBe(404);
  });

  test('propagation leaves its mark as a finalizer of the object', async () => {
    for (const [policy, finalizer] of [
      ['Foreground', 'foregroundDeletion'],
      ['Orphan', 'orphan'],
    ] as const) {
      const name = `by-${finalizer.toLowerCase()}`;
      await subject.createMap(name, { finalizers: ['example.com/hold'] });
      const answer = await subject.ask('DELETE', subject.mapPath(name), {
        ...options,
        propagationPolicy: policy,
      });
      expect(answer.status).toBe(200);
      // A garbage collector may be quick to take it away again.
      const { body } = answer;
      expect(body.metadata.deletionTimestamp).toBeDefined();
      expect(body.metadata.finalizers).toEqual(expect.arrayContaining([finalizer]));
      await subject.merge(subject.mapPath(name), { metadata: { finalizers: null } });
      expect((await subject.ask('GET', subject.mapPath(name))).status).toBe(404);
    }
    await subject.createMap('by-nobody');
    const wrong = await subject.ask('DELETE', subject.mapPath('by-nobody'), {
      ...options,
      propagationPolicy: 'Sideways',
    });
    expect(wrong.status).toBe(422);
  });

  test('what is being deleted takes no new finalizer, and its time does not move', async () => {
    const finalizers = ['example.com/hold'];
    await subject.ask('POST', subject.volumes, subject.dataVolume('held', { finalizers }));
    await subject.ask('DELETE', subject.volumePath('held'));
    const { body } = await subject.ask('GET', subject.volumePath('held'));
    // Deletion is a change of what is asked for.
    expect(body.metadata.generation).toBe(2);
    const added = await subject.merge(subject.volumePath('held'), {
      metadata: { finalizers: [...finalizers, 'example.com/second'] },
    });
    expect(added.status).toBe(422);
    await subject.ask('DELETE', subject.volumePath('held'));
    const again = await subject.ask('GET', subject.volumePath('held'));
    expect(again.body.metadata.deletionTimestamp).toBe(body.metadata.deletionTimestamp);
    await subject.merge(subject.volumePath('held'), { metadata: { finalizers: [] } });
    expect((await subject.ask('GET', subject.volumePath('held'))).status).toBe(404);
  });

  test('a collection goes by its selector', async () => {
    for (const name of ['c1', 'c2', 'c3']) {
      const labels = name === 'c3' ? {} : { go: 'yes' };
      await subject.ask('POST', subject.volumes, subject.dataVolume(name, { labels }));
    }
    const gone = await subject.ask('DELETE', subject.volumes, undefined, {
      query: { labelSelector: 'go=yes' },
    });
    expect(gone.status).toBe(200);
    const { body } = await subject.ask('GET', subject.volumes);
    expect(body.items?.map(({ metadata }) => metadata.name)).toEqual(['c3']);
  });
});

function withSpec(object: KubeObject, more: object): KubeObject {
  return { ...object, spec: { ...(object.spec as object), ...more } };
}

function managersOf({ metadata }: KubeObject): readonly string[] {
  const entries = (metadata.managedFields ?? []) as readonly {
    readonly manager: string;
    readonly operation: string;
  }[];
  return entries.map(({ manager, operation }) => `${manager} ${operation}`).sort();
}
