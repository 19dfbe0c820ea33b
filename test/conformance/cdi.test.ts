/** What CDI's webhooks say to DataVolumes, word for word (CDI 1.58 to 1.66). */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeObject } from '../../src/api/object.ts';
import { onEachArmWith, openSubject, type Subject } from '../support/conformance-arms.ts';

onEachArmWith('cdi', (arm) => {
  let subject: Subject;
  beforeAll(async () => {
    subject = await openSubject(arm);
  });
  afterAll(() => subject.close());

  const SIZE = { resources: { requests: { storage: '1Gi' } } };
  const PVC = { accessModes: ['ReadWriteOnce'], ...SIZE };
  const WEB = { http: { url: 'http://images.example/a.qcow2' } };

  const create = (name: string, spec: object) =>
    subject.ask('POST', subject.volumes, { ...subject.dataVolume(name), spec } as KubeObject);

  test.each<[string, object, string, string]>([
    ['no claim', { source: WEB }, 'spec.PVC', 'Missing Data volume PVC'],
    [
      'two claims',
      { source: WEB, pvc: PVC, storage: SIZE },
      'spec.PVC.Storage',
      'Duplicate storage definition, both target storage and target pvc defined',
    ],
    [
      'no size',
      { source: WEB, storage: {} },
      'spec.Storage.resources.requests.size',
      'Storage size is missing',
    ],
    [
      'a size of nothing',
      { source: WEB, pvc: { ...PVC, resources: { requests: { storage: '0' } } } },
      'spec.PVC.resources.requests.size',
      "PVC size can't be equal or less than zero",
    ],
    [
      'no access mode',
      { source: WEB, pvc: SIZE },
      'spec.PVC.accessModes',
      'Required value: at least 1 access mode is required',
    ],
    [
      'two access modes',
      { source: WEB, pvc: { ...PVC, accessModes: ['ReadWriteOnce', 'ReadWriteMany'] } },
      'spec.PVC.accessModes',
      'PVC multiple accessModes',
    ],
    [
      'neither source nor reference',
      { pvc: PVC },
      'spec.source',
      'Data volume should have either Source or SourceRef, or be externally populated',
    ],
    [
      'both source and reference',
      { source: WEB, sourceRef: { kind: 'DataSource', name: 'a' }, pvc: PVC },
      'spec.source',
      'Data volume should have either Source or SourceRef, or be externally populated',
    ],
    [
      'a reference to something else',
      { sourceRef: { kind: 'Image', name: 'a' }, pvc: PVC },
      'spec.sourceRef.Kind',
      'Unsupported sourceRef kind Image, currently only DataSource is supported',
    ],
    ['no source', { source: {}, pvc: PVC }, 'spec.source', 'Missing Data volume source'],
    [
      'two sources',
      { source: { ...WEB, blank: {} }, pvc: PVC },
      'spec.source',
      'Multiple Data volume sources',
    ],
    [
      'an address that is none',
      { source: { http: { url: 'images' } }, pvc: PVC },
      'spec.source.HTTP.url',
      'spec.source Invalid source URL: images',
    ],
    [
      'an address of another kind',
      { source: { http: { url: 'ftp://images/a' } }, pvc: PVC },
      'spec.source.HTTP.url',
      'spec.source Invalid source URL scheme: ftp://images/a',
    ],
  ])('refused: %s', async (_, spec, field, message) => {
    const { status, body } = await create('refused', spec);
    expect(status).toBe(422);
    // CDI puts a space before each cause, and gives no reason of its own.
    expect(body.message).toBe(
      `admission webhook "datavolume-validate.cdi.kubevirt.io" denied the request:  ${message}`,
    );
    expect(body.reason).toBeUndefined();
    expect(body.details?.causes).toEqual([expect.objectContaining({ field, message })]);
  });

  test('a spec is for ever', async () => {
    expect((await create('fixed', { source: { blank: {} }, pvc: PVC })).status).toBe(201);
    const { status, body } = await subject.merge(subject.volumePath('fixed'), {
      spec: { pvc: { resources: { requests: { storage: '2Gi' } } } },
    });
    expect(status).toBe(422);
    expect(body.details?.causes).toEqual([
      {
        reason: 'FieldValueDuplicate',
        message: 'Cannot update DataVolume Spec',
        field: 'DataVolume.Spec',
      },
    ]);
    const labelled = await subject.merge(subject.volumePath('fixed'), {
      metadata: { labels: { a: 'b' } },
    });
    expect(labelled.status).toBe(200);
  });

  test('a clone bears a token, which says who may read its source; an import none', async () => {
    const token = 'cdi.kubevirt.io/storage.clone.token';
    const source = { pvc: { namespace: subject.namespace, name: 'absent' } };
    const clone = await create('clone', { source, pvc: PVC });
    expect(clone.status).toBe(201);
    expect(clone.body.metadata.annotations).toHaveProperty([token]);
    const imported = await create('import', { source: WEB, pvc: PVC });
    expect(imported.body.metadata.annotations ?? {}).not.toHaveProperty([token]);
  });
});
