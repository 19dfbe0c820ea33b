/** Bodies that no controller expects: each is answered, and the cluster behind goes on. */

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rawRequest } from '../../../support/kubeconfig-client.ts';
import { type ServedProcess, startCluster } from '../../../support/served-cluster.ts';

interface Kind {
  readonly path: string;
  readonly object: object;
}

const STORAGE = { resources: { requests: { storage: '1Gi' } }, accessModes: ['ReadWriteMany'] };
const VMI_SPEC = {
  domain: {
    cpu: { cores: 1 },
    memory: { guest: '1Gi' },
    resources: { requests: { memory: '1Gi' } },
    devices: { disks: [{ name: 'root', disk: { bus: 'virtio' } }], interfaces: [{ name: 'net' }] },
  },
  volumes: [{ name: 'root', dataVolume: { name: 'disk' } }],
  networks: [{ name: 'net', pod: {} }],
};
const CONDITIONS = [{ type: 'Ready', status: 'True' }];

const KINDS: Readonly<Record<string, Kind>> = {
  Pod: {
    path: '/api/v1/namespaces/default/pods',
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      spec: {
        containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }],
        volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'disk' } }],
        nodeSelector: { a: 'b' },
      },
      status: { phase: 'Running', conditions: CONDITIONS, containerStatuses: [{ name: 'c' }] },
    },
  },
  PersistentVolumeClaim: {
    path: '/api/v1/namespaces/default/persistentvolumeclaims',
    object: {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      spec: {
        ...STORAGE,
        storageClassName: 'ocs-storagecluster-ceph-rbd',
        dataSourceRef: { apiGroup: 'cdi.kubevirt.io', kind: 'VolumeCloneSource', name: 's' },
      },
      status: { phase: 'Bound', capacity: { storage: '1Gi' } },
    },
  },
  DataVolume: {
    path: '/apis/cdi.kubevirt.io/v1beta1/namespaces/default/datavolumes',
    object: {
      apiVersion: 'cdi.kubevirt.io/v1beta1',
      kind: 'DataVolume',
      spec: { source: { http: { url: 'http://x/y' } }, storage: STORAGE },
      status: { phase: 'Pending', conditions: CONDITIONS },
    },
  },
  VirtualMachine: {
    path: '/apis/kubevirt.io/v1/namespaces/default/virtualmachines',
    object: {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachine',
      spec: {
        runStrategy: 'Always',
        dataVolumeTemplates: [
          { metadata: { name: 'disk' }, spec: { source: { blank: {} }, storage: STORAGE } },
        ],
        template: { metadata: { labels: { a: 'b' } }, spec: VMI_SPEC },
      },
      status: { conditions: CONDITIONS, printableStatus: 'Stopped' },
    },
  },
  VirtualMachineInstance: {
    path: '/apis/kubevirt.io/v1/namespaces/default/virtualmachineinstances',
    object: {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachineInstance',
      spec: VMI_SPEC,
      status: {
        phase: 'Running',
        nodeName: 'worker-000',
        conditions: CONDITIONS,
        activePods: { uid: 'worker-000' },
        phaseTransitionTimestamps: [{ phase: 'Pending', phaseTransitionTimestamp: 'then' }],
      },
    },
  },
  VolumeSnapshot: {
    path: '/apis/snapshot.storage.k8s.io/v1/namespaces/default/volumesnapshots',
    object: {
      apiVersion: 'snapshot.storage.k8s.io/v1',
      kind: 'VolumeSnapshot',
      spec: { source: { persistentVolumeClaimName: 'disk' } },
      status: { readyToUse: true, restoreSize: '1Gi' },
    },
  },
};

type Path = readonly (string | number)[];

/** Every place in a value below its kind. */
function places(value: unknown, at: Path = []): readonly Path[] {
  if (value === null || typeof value !== 'object') return [at];
  const below = Object.entries(value).flatMap(([key, inner]) => {
    if (at.length === 0 && (key === 'kind' || key === 'apiVersion')) return [];
    return places(inner, [...at, Array.isArray(value) ? Number(key) : key]);
  });
  return at.length === 0 ? below : [at, ...below];
}

function replaced(value: unknown, [key, ...rest]: Path, junk: unknown): unknown {
  if (key === undefined) return junk;
  if (Array.isArray(value)) {
    return value.map((item, i) => (i === key ? replaced(item, rest, junk) : item));
  }
  const tree = value as Readonly<Record<string, unknown>>;
  return { ...tree, [key]: replaced(tree[key], rest, junk) };
}

const JUNK = fc.oneof(
  fc.constantFrom(null, 0, -1, 1.5, '', 'x', true, [], {}, [null], [{}], [[]], { constructor: 1 }),
  fc.jsonValue({ maxDepth: 3 }),
);

interface Write {
  readonly kind: Kind;
  readonly place: Path;
  readonly junk: unknown;
  readonly metadata: object | null;
  readonly how: 'create' | 'merge' | 'status';
}

const WRITE: fc.Arbitrary<Write> = fc.constantFrom(...Object.values(KINDS)).chain((kind) =>
  fc.record({
    kind: fc.constant(kind),
    place: fc.constantFrom(...places(kind.object)),
    junk: JUNK,
    metadata: fc.option(fc.dictionary(fc.constantFrom('labels', 'finalizers', 'name'), JUNK)),
    how: fc.constantFrom('create' as const, 'status' as const, 'merge' as const),
  }),
);

describe('junk through the HTTPS endpoint', () => {
  const served: { cluster?: ServedProcess } = {};
  beforeAll(async () => {
    served.cluster = await startCluster(['--speed', '60', '--set', 'simulation.nodes.count=2']);
  });
  afterAll(async () => {
    expect(await served.cluster?.stop()).toBe(130);
  });

  test('is answered with success or a refusal, never with a defect', async () => {
    const { kubeconfig } = served.cluster as ServedProcess;
    const send = (method: string, path: string, body: unknown, type = 'application/json') =>
      rawRequest(kubeconfig, {
        method,
        path,
        body: JSON.stringify(body),
        headers: { 'content-type': type },
      });
    let count = 0;
    const write = async ({ kind, place, junk, metadata, how }: Write) => {
      const name = `junk-${(count += 1)}`;
      const path = `${kind.path}/${name}`;
      const body = replaced(kind.object, place, junk) as { readonly status: unknown };
      const merge = 'application/merge-patch+json';
      const good = { ...kind.object, metadata: { name } };
      const first = how === 'create' ? { ...body, metadata: { name, ...metadata } } : good;
      const created = await send('POST', kind.path, first);
      if (how === 'create') return created;
      if (how === 'merge') return send('PATCH', path, body, merge);
      return send('PATCH', `${path}/status`, { status: body.status }, merge);
    };
    await fc.assert(
      fc.asyncProperty(fc.array(WRITE, { minLength: 8, maxLength: 8 }), async (writes) => {
        const answers = await Promise.all(writes.map(write));
        for (const { status, text } of answers) expect(status, text).toBeLessThan(500);
      }),
      { numRuns: 20 },
    );
    for (const { path } of Object.values(KINDS)) {
      const table = { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' };
      expect((await rawRequest(kubeconfig, { path, headers: table })).status).toBe(200);
    }
  });

  test.each([
    ['a path with a bad escape', 'GET', '/api/v1/namespaces/%zz/pods', undefined],
    [
      'a patch from nowhere',
      'PATCH',
      '/api/v1/nodes/worker-000',
      [{ op: 'move', path: '', from: 5 }],
    ],
  ])('%s is a bad request', async (_, method, path, body) => {
    const { kubeconfig } = served.cluster as ServedProcess;
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { 'content-type': 'application/json-patch+json' };
    expect((await rawRequest(kubeconfig, { method, path, ...sent, headers })).status).toBe(400);
  });

  test('nested without end is refused before anything recurses into it', async () => {
    const { kubeconfig } = served.cluster as ServedProcess;
    const spec = `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`;
    const body = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"deep"},"spec":${spec}}`;
    const path = KINDS['Pod']?.path ?? '';
    const { status, text } = await rawRequest(kubeconfig, { method: 'POST', path, body });
    expect([status, text]).toMatchObject([400, expect.stringContaining('exceeded max depth')]);
  });

  test('named twice is refused where the client is strict, and told where it is not', async () => {
    const { kubeconfig } = served.cluster as ServedProcess;
    const path = '/api/v1/namespaces/default/configmaps';
    const body = '{"metadata":{"name":"twice"},"data":{"a":"1","a":"2"}}';
    const strict = `${path}?fieldValidation=Strict`;
    const refused = await rawRequest(kubeconfig, { method: 'POST', path: strict, body });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain(String.raw`strict decoding error: duplicate field \"data.a\"`);
    const { status, headers } = await rawRequest(kubeconfig, { method: 'POST', path, body });
    expect([status, headers['warning']]).toEqual([201, '299 - "duplicate field \\"data.a\\""']);
  });
});
