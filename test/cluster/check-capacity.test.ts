import { describe, expect, test } from 'vitest';
import { checkNodes, checkQuotas } from '../../src/cluster/check-capacity.ts';
import type { Demand } from '../../src/cluster/check.ts';
import { forbidden, list, named, type Script, scripted, smallVm } from './script.ts';

const READY = [{ type: 'Ready', status: 'True' }];
const DEVICES = {
  'ephemeral-storage': '400Gi',
  'devices.kubevirt.io/kvm': '1k',
  'devices.kubevirt.io/tun': '1k',
  'devices.kubevirt.io/vhost-net': '1k',
};
const ROOM = { cpu: '10', memory: '32Gi', pods: '8', ...DEVICES };

function node(name: string, spec: object = {}, conditions = READY, allocatable: object = ROOM) {
  const labels = { 'kubevirt.io/schedulable': 'true' };
  return { ...named(name, { labels }), spec, status: { conditions, allocatable } };
}

const NODES = 'GET /api/v1/nodes';
const PODS = 'GET /api/v1/pods';

async function findings(script: Script, demand: Partial<Demand> = {}) {
  const { lab, play } = scripted(script);
  return play(() => checkNodes(lab(demand)));
}

async function nodes(...items: readonly object[]) {
  const found = await findings({ [NODES]: list(...items), [PODS]: list() });
  return Object.fromEntries(found.map(({ check, verdict }) => [check, verdict]));
}

describe('the nodes', () => {
  // 4 GiB, 258 MiB of launcher and 33 MiB of console log: seven in 32 GiB, eight by pods.
  test('hold what is asked for, each what it can', async () => {
    expect(await nodes(node('a'), node('b'))).toEqual({ nodes: 'pass', room: 'pass' });
    expect(await nodes(node('a'))).toEqual({ nodes: 'pass', room: 'warn' });
  });

  test('are packed one by one: three of 128 GiB a node, whatever the sum says', async () => {
    const large = { cpu: '112', memory: '498Gi', pods: '400', ...DEVICES };
    const vm = smallVm('big');
    const domain = { cpu: { cores: 16 }, memory: { guest: '128Gi' }, devices: {} };
    const spec = { ...vm.spec, template: { spec: { domain } } };
    const items = Array.from({ length: 108 }, (_, index) => node(`n${index}`, {}, READY, large));
    const [, room] = await findings(
      { [NODES]: list(...items), [PODS]: list() },
      { vms: [{ template: 'big', count: 400, vm: { ...vm, spec } }] },
    );
    expect(room).toMatchObject({
      verdict: 'warn',
      found: expect.stringMatching(
        /^324 of 400 VMs fit \(memory, 3 a node on 108 nodes; .*76 would stay unschedulable$/,
      ),
    });
  });

  test('have less where pods run already', async () => {
    const pod = (name: string, phase: string) => ({
      ...named(name),
      spec: {
        nodeName: 'a',
        containers: [{ name: 'c', resources: { requests: { memory: '20Gi' } } }],
      },
      status: { phase },
    });
    const script = (phase: string) => ({
      [NODES]: list(node('a'), node('b')),
      [PODS]: list(pod('p', phase)),
    });
    const found = async (phase: string) => (await findings(script(phase))).map((f) => f.found);
    expect(await found('Running')).toEqual([
      expect.stringContaining('1 pods there ask for 20.0 GiB'),
      expect.stringContaining('9 of 10 VMs fit (memory, 2 to 7 a node on 2 nodes'),
    ]);
    expect((await found('Succeeded'))[1]).toContain('10 VMs fit, at most 14');
  });

  test('say so where pods are not shown, and pack what is there', async () => {
    const found = await findings({
      [NODES]: list(node('a'), node('b')),
      [PODS]: forbidden('pods'),
    });
    expect(found[0]?.found).toContain('what runs there is not shown to us');
    expect(found[1]?.verdict).toBe('pass');
  });

  test('refuse for CPU by the ratio of the KubeVirt object', async () => {
    const kubevirts = 'GET /apis/kubevirt.io/v1/kubevirts';
    const few = node('a', {}, READY, { ...ROOM, memory: '64Gi', cpu: '4', pods: '40' });
    const configuration = { developerConfiguration: { cpuAllocationRatio: 1 } };
    const kubevirt = { ...named('kubevirt'), spec: { configuration } };
    const script = { [NODES]: list(few), [PODS]: list() };
    expect((await findings(script))[1]?.verdict).toBe('pass');
    const strict = await findings({ ...script, [kubevirts]: list(kubevirt) });
    expect(strict[1]?.found).toContain('1 of 10 VMs fit (cpu, 1 a node');
  });

  test.each([
    ['not ready', node('x', {}, [{ type: 'Ready', status: 'False' }])],
    ['cordoned', node('x', { unschedulable: true })],
    ['tainted', node('x', { taints: [{ key: 'master', effect: 'NoSchedule' }] })],
  ])('do not count where they are %s', async (_, useless) => {
    expect(await nodes(useless)).toEqual({ nodes: 'fail' });
    expect(await nodes(useless, node('a'))).toMatchObject({ room: 'warn' });
  });

  test('count where a taint is a mere preference', async () => {
    const mild = node('x', { taints: [{ key: 'gpu', effect: 'PreferNoSchedule' }] });
    expect(await nodes(mild, node('a'))).toMatchObject({ room: 'pass' });
  });
});

describe('instance types', () => {
  const BASE = '/apis/instancetype.kubevirt.io/v1beta1/virtualmachineclusterinstancetypes';
  const medium = {
    ...named('u1.medium'),
    spec: { cpu: { guest: 1 }, memory: { guest: '4Gi' } },
  };
  const script = {
    [NODES]: list(node('a'), node('b')),
    [PODS]: list(),
    [`GET ${BASE}/u1.medium`]: { status: 200, body: medium },
    [`GET ${BASE}`]: list(medium),
  };
  const asking = (name: string, domain: object = { devices: {} }): Partial<Demand> => {
    const vm = smallVm('vm');
    const spec = { ...vm.spec, instancetype: { name }, template: { spec: { domain } } };
    return { vms: [{ template: 'vm', count: 10, vm: { ...vm, spec } }] };
  };

  test('are what the VMs ask for', async () => {
    const found = await findings(script, asking('u1.medium'));
    expect(found[1]?.found).toMatch(/^10 VMs fit, at most 14 \(vm: 0.105 CPUs and 4.3 GiB/);
  });

  test('that do not exist fail, with those that do', async () => {
    expect((await findings(script, asking('u1.giant')))[1]).toMatchObject({
      check: 'instancetype',
      verdict: 'fail',
      found: 'VirtualMachineClusterInstancetype u1.giant does not exist',
      remedy: 'there are u1.medium',
    });
  });

  test('conflict with what the template says of the same', async () => {
    const found = await findings(script, asking('u1.medium', { cpu: { cores: 2 }, devices: {} }));
    expect(found[1]?.found).toContain('spec.template.spec.domain.cpu.cores');
  });
});

describe('quotas', () => {
  const QUOTAS = 'GET /api/v1/namespaces/bench-r1/resourcequotas';
  const RANGES = 'GET /api/v1/namespaces/bench-r1/limitranges';

  async function quotas(script: Script) {
    const { lab, play } = scripted(script);
    return (await play(() => checkQuotas(lab())))[0];
  }

  test('are named, and so are limit ranges', async () => {
    expect(await quotas({})).toMatchObject({ verdict: 'pass' });
    const quota = { ...named('small'), kind: 'ResourceQuota' };
    const range = { ...named('cap'), kind: 'LimitRange' };
    expect(await quotas({ [QUOTAS]: list(quota), [RANGES]: list(range) })).toMatchObject({
      verdict: 'warn',
      found: expect.stringContaining('ResourceQuota small, LimitRange cap in bench-r1'),
    });
  });
});
