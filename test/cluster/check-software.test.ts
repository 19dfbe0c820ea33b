import { describe, expect, test } from 'vitest';
import { checkKinds, checkOperators, checkServer } from '../../src/cluster/check-software.ts';
import { forbidden, list, named, object, refusal, type Script, scripted } from './script.ts';

function served(...names: readonly string[]) {
  return object({ resources: names.map((name) => ({ name })) });
}

const KUBEVIRT = 'GET /apis/kubevirt.io/v1';
const CDI = 'GET /apis/cdi.kubevirt.io/v1beta1';
const SNAPSHOT = 'GET /apis/snapshot.storage.k8s.io/v1';
const SUBRESOURCES = 'GET /apis/subresources.kubevirt.io/v1';

const ALL: Script = {
  [KUBEVIRT]: served('virtualmachines', 'virtualmachineinstances'),
  [CDI]: served('datavolumes'),
  [SNAPSHOT]: served('volumesnapshots'),
  [SUBRESOURCES]: served(),
};

describe('the kinds', () => {
  async function kinds(script: Script, demand = {}) {
    const { lab, play } = scripted(script);
    const findings = await play(() => checkKinds(lab(demand)));
    return findings.map(({ verdict, found }) => `${verdict}: ${found}`);
  }

  test('are all served', async () => {
    expect(await kinds(ALL)).toEqual(Array.from({ length: 4 }, () => 'pass: is served'));
  });

  test.each([
    ['a group is missing', { [CDI]: refusal(404, 'NotFound', 'no') }, 'fail: is not served'],
    [
      'a kind is missing',
      { [KUBEVIRT]: served('virtualmachines') },
      'fail: does not serve virtualmachineinstances',
    ],
    ['one is hidden', { [SNAPSHOT]: forbidden('x') }, 'warn: not allowed to look'],
  ])('%s', async (_, change, finding) => {
    const found = await kinds({ ...ALL, ...change });
    expect(found.filter((text) => !text.startsWith('pass'))).toEqual([finding]);
  });

  test('that the scenario has no use for are not asked for', async () => {
    const { lab, play, asked } = scripted(ALL);
    const demand = { snapshotClass: undefined, startsBySubresource: false };
    await play(() => checkKinds(lab(demand)));
    expect(asked()).toEqual(['/apis/kubevirt.io/v1', '/apis/cdi.kubevirt.io/v1beta1']);
  });
});

describe('the operators', () => {
  const KUBEVIRTS = 'GET /apis/kubevirt.io/v1/kubevirts';
  const CDIS = 'GET /apis/cdi.kubevirt.io/v1beta1/cdis';
  const HCOS = 'GET /apis/hco.kubevirt.io/v1beta1/hyperconvergeds';
  const kubeVirt = (phase: string) =>
    list({ ...named('kv'), status: { phase, observedKubeVirtVersion: 'v1.1.1' } });
  const cdi = list({ ...named('cdi'), status: { phase: 'Deployed', observedVersion: 'v1.58' } });

  async function operators(script: Script) {
    const { lab, play } = scripted(script);
    const findings = await play(() => checkOperators(lab()));
    return Object.fromEntries(
      findings.map(({ check, verdict, found }) => [check, `${verdict}: ${found}`]),
    );
  }

  test('tell their health and version', async () => {
    const status = { versions: [{ name: 'operator', version: '4.15.2' }] };
    const hco = list({ ...named('hco'), spec: { tuningPolicy: 'highBurst' }, status });
    const script = { [KUBEVIRTS]: kubeVirt('Deployed'), [CDIS]: cdi, [HCOS]: hco };
    expect(await operators(script)).toEqual({
      KubeVirt: 'pass: Deployed, version v1.1.1',
      CDI: 'pass: Deployed, version v1.58',
      HyperConverged: 'pass: version 4.15.2, tuningPolicy highBurst',
    });
  });

  test('HyperConverged v1 is read as well as v1beta1', async () => {
    const status = { versions: [{ name: 'operator', version: '1.18.0' }] };
    const spec = { virtualization: { tuningPolicy: 'highBurst' } };
    const newer = 'GET /apis/hco.kubevirt.io/v1/hyperconvergeds';
    expect(await operators({ [newer]: list({ ...named('hco'), spec, status }) })).toMatchObject({
      HyperConverged: 'pass: version 1.18.0, tuningPolicy highBurst',
    });
  });

  test('that are being deployed stop the run; that have no object do not', async () => {
    expect(await operators({ [KUBEVIRTS]: kubeVirt('Deploying') })).toMatchObject({
      KubeVirt: 'fail: phase Deploying',
      CDI: expect.stringContaining('warn: has no operator object'),
    });
  });

  test('of which one is hidden: the others are looked at all the same', async () => {
    expect(await operators({ [KUBEVIRTS]: forbidden('kubevirts'), [CDIS]: cdi })).toEqual({
      KubeVirt: 'warn: not allowed to look: cannot list resource "kubevirts"',
      CDI: 'pass: Deployed, version v1.58',
    });
  });
});

test('the server tells its version', async () => {
  const { lab, play } = scripted({
    'GET /version': object({ gitVersion: 'v1.33.0' }),
    'GET /apis': object({}),
  });
  expect(await play(() => checkServer(lab()))).toMatchObject([{ found: 'Kubernetes v1.33.0' }]);
});
