import { describe, expect, test } from 'vitest';
import { checkNodes, checkQuotas } from '../../src/cluster/check-capacity.ts';
import { list, named, type Script, scripted } from './script.ts';

const READY = [{ type: 'Ready', status: 'True' }];
const ROOM = { cpu: '10', memory: '32Gi', pods: '8' };

function node(spec: object = {}, conditions = READY, allocatable = ROOM) {
  return { ...named('n'), spec, status: { conditions, allocatable } };
}

async function nodes(...items: readonly object[]) {
  const { lab, play } = scripted({ 'GET /api/v1/nodes': list(...items) });
  const findings = await play(() => checkNodes(lab()));
  return Object.fromEntries(findings.map(({ check, verdict }) => [check, verdict]));
}

describe('the nodes', () => {
  test('hold what is asked for, together', async () => {
    expect(await nodes(node(), node())).toEqual({
      nodes: 'pass',
      memory: 'pass',
      'CPU requests': 'pass',
      pods: 'pass',
    });
  });

  test('are too small, in what they lack alone', async () => {
    const small = node({}, READY, { cpu: '500m', memory: '64Gi', pods: '9' });
    expect(await nodes(small)).toEqual({
      nodes: 'pass',
      memory: 'pass',
      'CPU requests': 'warn',
      pods: 'warn',
    });
  });

  test.each([
    ['not ready', node({}, [{ type: 'Ready', status: 'False' }])],
    ['cordoned', node({ unschedulable: true })],
    ['tainted', node({ taints: [{ key: 'master', effect: 'NoSchedule' }] })],
  ])('do not count where they are %s', async (_, useless) => {
    expect(await nodes(useless)).toEqual({ nodes: 'fail' });
    expect(await nodes(useless, node())).toMatchObject({ memory: 'warn', pods: 'warn' });
  });

  test('count where a taint is a mere preference', async () => {
    const mild = node({ taints: [{ key: 'gpu', effect: 'PreferNoSchedule' }] });
    expect(await nodes(mild, node())).toMatchObject({ memory: 'pass' });
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
