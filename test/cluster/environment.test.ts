import { describe, expect, test } from 'vitest';
import { clusterEnvironment, clusterUid } from '../../src/cluster/environment.ts';
import { type Answer, forbidden, list, named, object, type Script, scripted } from './script.ts';

const KUBE_SYSTEM = 'GET /api/v1/namespaces/kube-system';
const KUBEVIRTS = 'GET /apis/kubevirt.io/v1/kubevirts';
const CDIS = 'GET /apis/cdi.kubevirt.io/v1beta1/cdis';
const HCOS = 'GET /apis/hco.kubevirt.io/v1beta1/hyperconvergeds';
const CSVS = 'GET /apis/operators.coreos.com/v1alpha1/clusterserviceversions';
const NODES = 'GET /api/v1/nodes';
const CLASS = 'GET /apis/storage.k8s.io/v1/storageclasses/rbd';
const PROFILE = 'GET /apis/cdi.kubevirt.io/v1beta1/storageprofiles/rbd';

function node(kernelVersion: string) {
  const allocatable = { cpu: '3500m', memory: '16Gi', pods: '250' };
  return { ...named('secret-host'), status: { allocatable, nodeInfo: { kernelVersion } } };
}

/** A sidecar's lease and, by its holder, the pod that it runs in. */
function sidecar(lease: string, image: string, args: readonly string[]) {
  const metadata = { name: lease, namespace: 'storage' };
  const holder = `csi-provisioner-${image}`;
  return {
    lease: { metadata, spec: { holderIdentity: holder } },
    path: `GET /api/v1/namespaces/storage/pods/${holder}`,
    pod: object({ ...named(holder), spec: { containers: [{ image: `csi/${image}:v4`, args }] } }),
  };
}

const ATTACHER = sidecar('external-attacher-leader-rbd-csi-ceph-com', 'csi-attacher', [
  '--kube-api-qps=50',
  '-kube-api-burst',
  '100',
]);
const PROVISIONER = sidecar('rbd-csi-ceph-com', 'csi-provisioner', ['--v=5']);
const LEASES = 'GET /apis/coordination.k8s.io/v1/leases';

const WHOLE: Script = {
  [LEASES]: list(ATTACHER.lease, PROVISIONER.lease),
  [ATTACHER.path]: ATTACHER.pod,
  [PROVISIONER.path]: PROVISIONER.pod,
  [KUBE_SYSTEM]: object(named('kube-system', { uid: 'the-cluster' })),
  'GET /version': object({ gitVersion: 'v1.33.0' }),
  [KUBEVIRTS]: list({
    ...named('kv'),
    spec: { configuration: { apiConfiguration: { qps: 5 } } },
    status: { observedKubeVirtVersion: 'v1.1.1' },
  }),
  [CDIS]: list({ ...named('cdi'), status: { observedVersion: 'v1.58' } }),
  [HCOS]: list({
    ...named('hco'),
    status: { versions: [{ name: 'operator', version: '4.15' }] },
  }),
  [CSVS]: list(
    { ...named('kubevirt-hyperconverged-operator.v4.15.3'), spec: { version: '4.15.3' } },
    { ...named('odf-operator.v4.15.2-rhodf'), spec: { version: '4.15.2-rhodf' } },
  ),
  [NODES]: list(node('5.14'), node('5.15'), node('5.14')),
  [CLASS]: object({
    ...named('rbd'),
    provisioner: 'rbd.csi.ceph.com',
    volumeBindingMode: 'Immediate',
    reclaimPolicy: 'Delete',
    parameters: { pool: 'vms', monitors: 'mon.example', 'csi/secret-name': 'hidden' },
  }),
  [PROFILE]: object({ ...named('rbd'), status: { cloneStrategy: 'snapshot' } }),
};

async function environment(script: Script, options = {}) {
  const { client, play } = scripted(script);
  const own = { name: 'lab', storageClass: 'rbd', withParameters: true, client: { qps: '5' } };
  return play(() => clusterEnvironment(client, { ...own, ...options }));
}

describe('the environment', () => {
  test('is what the cluster is made of, without names of hosts and secrets', async () => {
    const found = await environment(WHOLE);
    expect(found).toEqual({
      name: 'lab',
      identity: { cluster: 'the-cluster' },
      facts: {
        kubernetes: 'v1.33.0',
        kubevirt: 'v1.1.1',
        'kubevirt.limits': '{"apiConfiguration":{"qps":5}}',
        cdi: 'v1.58',
        hyperconverged: '4.15',
        tuningPolicy: 'unset',
        'csv.kubevirt-hyperconverged-operator': '4.15.3',
        'csv.odf-operator': '4.15.2-rhodf',
        nodes: '3',
        'nodes.cpus': '10.5',
        'nodes.memory': '48Gi',
        'nodes.pods': '750',
        'nodes.kernel': '5.14 (2), 5.15',
        'storage.class': 'rbd',
        'storage.provisioner': 'rbd.csi.ceph.com',
        'storage.binding': 'Immediate',
        'storage.reclaim': 'Delete',
        'storage.parameters.pool': 'vms',
        'storage.parameters.monitors': 'mon.example',
        'storage.cloneStrategy': 'snapshot',
        'csi.attacher.qps': '50',
        'csi.attacher.burst': '100',
        'client.qps': '5',
      },
    });
    expect(JSON.stringify(found)).not.toMatch(/secret|hidden/);
  });

  test('names no parameters where names are to be hidden', async () => {
    const { facts } = await environment(WHOLE, { withParameters: false });
    expect(JSON.stringify(facts)).not.toContain('mon.example');
  });

  test.each([
    [KUBEVIRTS, 'kubevirt', ['cdi', 'hyperconverged']],
    [CDIS, 'cdi', ['kubevirt', 'hyperconverged']],
    [CSVS, 'csv.odf-operator', ['hyperconverged', 'nodes']],
    [NODES, 'nodes', ['kubevirt', 'storage.provisioner']],
    [CLASS, 'storage.provisioner', ['storage.class', 'storage.cloneStrategy']],
    [PROFILE, 'storage.cloneStrategy', ['storage.class', 'storage.provisioner']],
    [LEASES, 'csi.attacher.qps', ['storage.class', 'storage.provisioner']],
  ])('where %s is hidden, all else is recorded', async (path, missing, there) => {
    const { facts } = await environment({ ...WHOLE, [path]: forbidden('it') });
    expect(facts).not.toHaveProperty([missing]);
    for (const fact of there) expect(facts).toHaveProperty([fact]);
  });

  test('of which nothing is known is still the one that people call so', async () => {
    const hidden: Answer = forbidden('everything');
    const script = Object.fromEntries(Object.keys(WHOLE).map((path) => [path, hidden]));
    expect(await environment(script)).toEqual({
      name: 'lab',
      identity: { cluster: 'lab' },
      facts: { 'storage.class': 'rbd', 'client.qps': '5' },
    });
    const { client, play } = scripted(script);
    expect(await play(() => clusterUid(client))).toBeUndefined();
  });
});
