/**
 * What an administrator would have set up around simulated controllers on a server of somebody
 * else's: classes, nodes of ours, and what real sidecars ask for.
 */

import { type Node, SIMULATED_NODE } from '../../api/compute.ts';
import type { KubeObject } from '../../api/object.ts';
import { CSI_DRIVERS, NODES, SNAPSHOT_CLASSES, STORAGE_CLASSES } from '../../api/resources.ts';
import { isAlreadyExists } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { createOnce } from '../../kube/create-once.ts';
import { firstObjects } from '../apiserver/first-objects.ts';
import { DRIVER_TRAITS } from '../hardware/driver.ts';
import { nodeObjects } from '../hardware/node/node-objects.ts';
import type { ServerControllerName } from './controllers-argument.ts';
import type { DescribedCluster } from './hosting.ts';

const NODE_TAINT = { key: SIMULATED_NODE, value: 'true', effect: 'NoSchedule' };

interface Asked {
  readonly nowUnixUs: number;
  readonly without: readonly ServerControllerName[];
  /** Whether classes name the driver's secret, which real sidecars read with each call. */
  readonly secrets: boolean;
}

/** Leaves alone what is there already. */
export async function createSurroundings(
  client: KubeClient,
  { config }: DescribedCluster,
  { nowUnixUs, without, secrets }: Asked,
): Promise<void> {
  // Pods of real controllers tolerate nothing; where there are none, nobody else's come to us.
  const isOpen = without.includes('virt-controller') || without.includes('cdi');
  const driver = DRIVER_TRAITS[config.storage ?? 'rbd'];
  const named = secrets ? secretParameters(driver.secret) : NO_PARAMETERS;
  const known = {
    ...driver,
    classParameters: { ...driver.classParameters, ...named.storage },
    ...(named.snapshot && { snapshotParameters: named.snapshot }),
  };
  const objects = firstObjects({ ...config, driver: known, namespaces: [] });
  if (secrets && driver.secret) await createSecret(client, driver.secret);
  // A real CDI takes a class without it for an in-tree one, and copies byte by byte.
  if (without.includes('cdi')) await createOnce(client, CSI_DRIVERS, csiDriver(driver.name));
  for (const resource of [STORAGE_CLASSES, SNAPSHOT_CLASSES] as const) {
    for (const object of objects) {
      if (object.kind === resource.kind) await createOnce(client, resource, object);
    }
  }
  for (const node of nodeObjects(config.parameters, nowUnixUs)) {
    await createOnce(client, NODES, ours(node, isOpen ? [] : [NODE_TAINT]));
  }
}

function ours(node: Node, taints: readonly (typeof NODE_TAINT)[]): Node {
  const { metadata, spec } = node;
  const labels = { ...metadata.labels, [SIMULATED_NODE]: 'true' };
  return { ...node, metadata: { ...metadata, labels }, spec: { ...spec, taints } };
}

function csiDriver(name: string): KubeObject {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: CSI_DRIVERS.kind,
    metadata: { name, labels: { [SIMULATED_NODE]: 'true' } },
    spec: { attachRequired: true, podInfoOnMount: false, fsGroupPolicy: 'File' },
  } as KubeObject;
}

type Secret = NonNullable<(typeof DRIVER_TRAITS)['rbd']['secret']>;

const NO_PARAMETERS = { storage: {}, snapshot: undefined };

/** As ceph-csi's examples of classes have them. */
function secretParameters(secret: Secret | undefined) {
  if (!secret) return NO_PARAMETERS;
  const named = (use: string) => ({
    [`csi.storage.k8s.io/${use}-secret-name`]: secret.name,
    [`csi.storage.k8s.io/${use}-secret-namespace`]: secret.namespace,
  });
  return {
    storage: {
      ...named('provisioner'),
      ...named('controller-expand'),
      ...named('node-stage'),
    },
    snapshot: named('snapshotter'),
  };
}

/** Of no use to anybody, since the driver asks for nothing. */
async function createSecret(client: KubeClient, { name, namespace }: Secret): Promise<void> {
  await post(client, '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  });
  await post(client, `/api/v1/namespaces/${namespace}/secrets`, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    stringData: { userID: 'simulated', userKey: 'simulated' },
  });
}

async function post(client: KubeClient, path: string, body: unknown): Promise<void> {
  try {
    await client.raw({ method: 'POST', path, body });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
