import { describe, expect, test } from 'vitest';
import type { DataVolume } from '../../../../src/api/storage.ts';
import { dataVolumeAdmission } from '../../../../src/sim/controllers/storage/cdi/data-volume-admission.ts';
import { dataVolume } from './cluster.ts';

const FINE = dataVolume('a', { pvc: { name: 'golden' } });

function messages(spec: unknown, old?: DataVolume): readonly string[] {
  const object = { ...FINE, spec } as DataVolume;
  return (dataVolumeAdmission.validate(object, old) ?? []).map(({ message }) => message);
}

describe('a DataVolume is refused', () => {
  test.each([
    ['without a source', {}, 'Missing Data volume source'],
    ['with two', { blank: {}, pvc: { name: 'x' } }, 'Multiple Data volume sources'],
    ['with a broken url', { http: { url: 'images' } }, 'Invalid source URL'],
    ['with a nameless claim', { pvc: {} }, 'Required value'],
  ])('%s', (_, source, message) => {
    expect(messages({ ...FINE.spec, source })).toEqual([message]);
  });

  test('with source and sourceRef', () => {
    const sourceRef = { kind: 'DataSource', name: 'x' };
    expect(messages({ ...FINE.spec, sourceRef })).toEqual([
      'Data volume should have either Source or SourceRef',
    ]);
  });

  test('without a size, unless its source has one', () => {
    const { resources: _, ...storage } = FINE.spec.storage ?? {};
    expect(messages({ source: { blank: {} }, storage })).toEqual(['PVC size is missing']);
    expect(messages({ source: { pvc: { name: 'x' } }, storage })).toEqual([]);
  });

  test('where its spec changes', () => {
    expect(messages(FINE.spec, FINE)).toEqual([]);
    expect(messages({ ...FINE.spec, storage: {} }, FINE)).toEqual([
      'Cannot update DataVolume Spec',
    ]);
  });
});

test('a clone gets a token, an import does not', () => {
  const cloneOf = dataVolumeAdmission.mutate(FINE);
  expect(cloneOf.metadata.annotations).toHaveProperty(['cdi.kubevirt.io/storage.clone.token']);
  expect(dataVolumeAdmission.validate(cloneOf)).toEqual([]);
  const blank = dataVolume('a', { blank: {} });
  expect(dataVolumeAdmission.mutate(blank)).toBe(blank);
});
