import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/usage-error.ts';
import { createCredentials } from '../../../src/sim/apiserver/https/credentials.ts';
import { readState, type SavedState, writeState } from '../../../src/sim/host/state-file.ts';

const IMAGE = {
  name: 'csi-vol-a',
  sizeBytes: 1,
  dataObjects: 1,
  ownBytes: 1,
  ownObjects: 1,
  trashed: false,
  snapshots: [{ name: 's', inTrash: false }],
};

const STATE: SavedState = {
  seed: 1,
  wallUs: 1e15,
  credentials: createCredentials(['localhost'], 1e15),
  hosts: ['localhost'],
  objects: {
    version: 9,
    objects: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } }],
  },
  rbd: {
    images: [
      IMAGE,
      { ...IMAGE, name: 'csi-vol-b', snapshots: [], parent: { image: 'csi-vol-a', snapshot: 's' } },
    ],
    tasks: [{ kind: 'flatten', imageName: 'csi-vol-b' }],
    volumes: [['pvc-a', { handle: 'a', sizeBytes: 1, attributes: {} }]],
    snapshots: [],
  },
};

describe('the state of a served cluster', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'bench-state-')), 'state');

  it('is read as it was written', () => {
    writeState(path, STATE);
    expect(readState(path)).toEqual(STATE);
  });

  it.each([
    ['a clone of nothing', '"image":"csi-vol-a"', '"image":"csi-vol-c"', /csi-vol-b is a clone of/],
    ['two images of one name', '"name":"csi-vol-b"', '"name":"csi-vol-a"', /two images of one/],
    ['a size that is none', '"sizeBytes":1,"data', '"sizeBytes":"x","data', /images\.0\.sizeBytes/],
    ['a key that is none', 'BEGIN PRIVATE KEY', 'BEGIN PRIVATE KEE', /is no pair of keys/],
    ['a version that is none', '"version":9', '"version":-1', /version/],
    [
      'a value nested without end',
      '"name":"default"',
      `"name":"default","labels":${'['.repeat(20_000)}${']'.repeat(20_000)}`,
      /nested too deeply/,
    ],
    ['an unknown task', '"kind":"flatten"', '"kind":"x"', /tasks\.0\.kind/],
  ])('is refused in words where it has %s', (_, good, bad, words) => {
    writeState(path, STATE);
    const text = readFileSync(path, 'utf8');
    expect(text).toContain(good);
    writeFileSync(path, text.replace(good, bad));
    expect(() => readState(path)).toThrow(UsageError);
    expect(() => readState(path)).toThrow(words);
  });
});
