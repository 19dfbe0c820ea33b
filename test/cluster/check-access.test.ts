import { describe, expect, test } from 'vitest';
import { CONFIG_MAPS, DATA_VOLUMES, VIRTUAL_MACHINES } from '../../src/api/resources.ts';
import type { ApiRequest } from '../../src/api/transport.ts';
import { checkDryRun, checkLeftovers, checkNamespace } from '../../src/cluster/check-access.ts';
import { type Demand, guarded } from '../../src/cluster/check.ts';
import { rfc3339 } from '../../src/core/time-text.ts';
import { SIMULATION_HEADER } from '../../src/kube/connection.ts';
import { forbidden, list, named, object, refusal, type Script, scripted } from './script.ts';

const HOME = 'GET /api/v1/namespaces/bench-r1';
const HERE = '/api/v1/namespaces/bench-r1';
const VOLUMES_HERE = 'POST /apis/cdi.kubevirt.io/v1beta1/namespaces/bench-r1/datavolumes';
const SAMPLE = { resource: DATA_VOLUMES, object: named('dv') };

describe('the namespace', () => {
  const checked = (script: Script) => {
    const { lab, play } = scripted(script);
    return play(() => guarded('namespace', lab(), checkNamespace));
  };

  test.each([
    ['is free', {}, 'pass', 'bench-r1 will be created'],
    ['is there', { [HOME]: object(named('bench-r1')) }, 'pass', 'bench-r1 is there'],
    [
      'is going',
      { [HOME]: object(named('bench-r1', { deletionTimestamp: '2026-01-01T00:00:00Z' })) },
      'fail',
      'bench-r1 is terminating',
    ],
    ['is hidden', { [HOME]: forbidden('namespaces') }, 'warn', 'not allowed to look'],
  ] as const)('%s', async (_, script, verdict, found) => {
    expect(await checked(script)).toMatchObject([
      { verdict, found: expect.stringContaining(found) },
    ]);
  });
});

describe('the dry run', () => {
  async function tried(script: Script, demand: Partial<Demand> = {}) {
    const { lab, play, requests } = scripted(script);
    const findings = await play(() => checkDryRun(lab({ samples: [SAMPLE], ...demand })));
    return { findings, posts: requests.filter(({ method }) => method === 'POST') };
  }

  test('goes where the object would, and nothing is kept', async () => {
    const accepted = object(named('dv'));
    const { findings, posts } = await tried({
      [HOME]: object(named('bench-r1')),
      [VOLUMES_HERE]: accepted,
    });
    expect(findings).toMatchObject([{ check: 'dry run of a DataVolume', verdict: 'pass' }]);
    expect(posts.map(({ query }) => query)).toEqual([{ dryRun: 'All' }, { dryRun: 'All' }]);
    expect(posts[0]?.body).toMatchObject({ metadata: { namespace: 'bench-r1' } });
  });

  test('borrows the namespace `default` where there is none yet', async () => {
    const { posts } = await tried({});
    expect(posts.map(({ path }) => path.split('/').at(-2))).toEqual(['default', 'default']);
  });

  test('moves sources along that are in the namespace which is not there yet, and no others', async () => {
    const spec = {
      dataVolumeTemplates: [
        { spec: { source: { pvc: { namespace: 'bench-r1', name: 'golden' } } } },
        { spec: { source: { snapshot: { namespace: 'images', name: 'golden' } } } },
      ],
    };
    const vm = { resource: VIRTUAL_MACHINES, object: { ...named('vm'), spec } };
    const { posts } = await tried({}, { samples: [vm] });
    expect(posts[0]?.body).toMatchObject({
      metadata: { namespace: 'default' },
      spec: {
        dataVolumeTemplates: [
          { spec: { source: { pvc: { namespace: 'default', name: 'golden' } } } },
          { spec: { source: { snapshot: { namespace: 'images', name: 'golden' } } } },
        ],
      },
    });
    const settled = await tried({ [HOME]: object(named('bench-r1')) }, { samples: [vm] });
    expect(settled.posts[0]?.body).toMatchObject({ spec });
  });

  test('names the namespace that has to be there', async () => {
    const denied = 'admission webhook "v" denied the request: namespace images does not exist';
    const { findings } = await tried({
      [HOME]: object(named('bench-r1')),
      [VOLUMES_HERE]: refusal(400, 'BadRequest', denied),
    });
    expect(findings).toMatchObject([{ remedy: expect.stringContaining('namespace images') }]);
  });

  test('passes on what the server says beside its yes, each once', async () => {
    const text = 'spec.running is deprecated, please use \\"spec.runStrategy\\", instead';
    const { findings } = await tried({
      [HOME]: object(named('bench-r1')),
      [VOLUMES_HERE]: {
        ...object(named('dv')),
        headers: { warning: `299 - "${text}", 299 - "second", 299 - "second"` },
      },
    });
    expect(findings.map(({ verdict }) => verdict)).toEqual(['pass', 'warn', 'warn']);
    expect(findings[1]?.found).toContain('please use "spec.runStrategy", instead');
  });

  test('stays in a namespace that is lent and hidden', async () => {
    const { posts } = await tried({ [HOME]: forbidden('x') }, { makesNamespace: false });
    expect(posts.map(({ path }) => path.split('/').at(-2))).toEqual(['bench-r1', 'bench-r1']);
  });

  test('fails with the words of whoever refuses', async () => {
    const denied = 'admission webhook "datavolume-validate.cdi.kubevirt.io" denied the request';
    const { findings } = await tried({
      [HOME]: object(named('bench-r1')),
      [VOLUMES_HERE]: refusal(403, 'Forbidden', denied),
    });
    expect(findings).toMatchObject([{ verdict: 'fail', found: expect.stringContaining(denied) }]);
  });

  test('says nothing where the right is missing: the permissions have said so', async () => {
    const rbac = 'datavolumes is forbidden: User "me" cannot create resource "datavolumes"';
    const { findings } = await tried({
      [HOME]: object(named('bench-r1')),
      [VOLUMES_HERE]: refusal(403, 'Forbidden', rbac),
    });
    expect(findings).toEqual([]);
  });
});

describe('the clock', () => {
  async function told(aheadUs: number, headers: Record<string, string> = {}) {
    const { lab, play, kernel } = scripted({ [HOME]: object(named('bench-r1')) });
    const answer = (request: ApiRequest) => {
      const stamp = rfc3339(kernel.wallUs() + aheadUs);
      const body = { metadata: { creationTimestamp: stamp } };
      const isProbe = request.path === `${HERE}/${CONFIG_MAPS.plural}`;
      return isProbe ? { status: 201, body, headers, receivedUs: 0 } : undefined;
    };
    const { client } = lab();
    const transport: typeof client.transport = {
      ...client.transport,
      request: async (request) => answer(request) ?? client.transport.request(request),
    };
    const own = lab();
    return play(() => checkDryRun({ ...own, client: { ...own.client, transport } }));
  }

  test.each([
    [0, 'pass'],
    [-4e6, 'pass'],
    [5e6, 'pass'],
    [60e6, 'warn'],
    [-60e6, 'warn'],
    [3600e6, 'fail'],
  ])('%d us ahead of ours: %s', async (aheadUs, verdict) => {
    expect(await told(aheadUs)).toMatchObject([{ check: 'clock', verdict }]);
  });

  test('of one machine is never apart, wherever in its second the server is asked', async () => {
    for (const aheadUs of [0, 200_000, 900_000]) {
      const [finding] = await told(aheadUs);
      expect(finding).toMatchObject({ verdict: 'pass' });
      expect(finding?.found).toMatch(aheadUs < 900_000 ? /agree to the second/ : /agree|apart/);
    }
  });

  test('of a simulated cluster is its own', async () => {
    const findings = await told(3600e6, { [SIMULATION_HEADER]: 'speed=60' });
    expect(findings).toMatchObject([{ verdict: 'pass', found: expect.stringContaining('speed') }]);
  });
});

describe('leftovers', () => {
  const VMS = '/apis/kubevirt.io/v1/virtualmachines';
  const VOLUMES = '/apis/cdi.kubevirt.io/v1beta1/datavolumes';
  const of = (run: string) => named(`of-${run}`, { labels: { 'bench.kubevirt.io/run': run } });

  async function checked(script: Script) {
    const { lab, play, asked } = scripted(script);
    const [finding] = await play(() => checkLeftovers(lab()));
    expect(asked().filter((path) => path.endsWith('bench-r1/namespaces'))).toEqual([]);
    return finding;
  }

  test('are none, some, or of a run of this id', async () => {
    expect(await checked({})).toMatchObject({ verdict: 'pass' });
    const some = { [`GET ${VMS}`]: list(of('old'), of('older')), [`GET ${VOLUMES}`]: list() };
    expect(await checked(some)).toMatchObject({
      verdict: 'warn',
      found: expect.stringContaining('2 VMs, 0 DataVolumes and 0 namespaces'),
    });
    const taken = { [`GET ${VOLUMES}`]: list(of('old'), of('r1')) };
    expect(await checked(taken)).toMatchObject({ check: 'run id', verdict: 'fail' });
  });

  test('are looked for in the own namespace by who may look nowhere else', async () => {
    const within = VMS.replace('/virtual', '/namespaces/bench-r1/virtual');
    const found = await checked({
      [`GET ${VMS}`]: forbidden('virtualmachines'),
      [`GET ${within}`]: list(of('old')),
      'GET /api/v1/namespaces': forbidden('namespaces'),
    });
    expect(found).toMatchObject({ verdict: 'warn', found: expect.stringContaining('1 VMs') });
  });
});
