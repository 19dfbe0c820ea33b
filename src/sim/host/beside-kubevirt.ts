/**
 * What it takes to play the nodes of a real KubeVirt: its webhooks drop in silence what anybody but
 * virt-handler writes into the status of a VMI (kubevirt pkg/virt-api/webhooks
 * vmi-mutator.go), so our handlers write as its account does, bound to their node as newer releases
 * ask for.
 */

import type { KubeObject } from '../../api/object.ts';
import type { Resource } from '../../api/resources.ts';
import type { Transport } from '../../api/transport.ts';
import { ignoreNotFound } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { actingFor, serviceAccount } from '../../kube/impersonation.ts';
import { listAll } from '../../kube/list-all.ts';

interface KubeVirt extends KubeObject {
  readonly status?: { readonly defaultArchitecture?: string };
}

const KUBEVIRTS: Resource<KubeVirt> = {
  group: 'kubevirt.io',
  version: 'v1',
  plural: 'kubevirts',
  kind: 'KubeVirt',
  namespaced: true,
};

const ACCOUNT = 'kubevirt-handler';
const EXTRA = 'authentication.kubernetes.io/node-name';

export interface BesideKubeVirt {
  /** Why it cannot be, and what mends it; empty where it can. */
  readonly refusals: readonly string[];
  readonly handlerTransport: (node: string) => Transport;
}

/** Looks whether we may write as virt-handler does, and says what virt-operator would have said. */
export async function standBeside(
  client: KubeClient,
  transport: Transport,
): Promise<BesideKubeVirt> {
  const [kubeVirt] = await listAll(client, KUBEVIRTS);
  const namespace = kubeVirt?.metadata.namespace ?? 'kubevirt';
  if (kubeVirt) await nameArchitecture(client, kubeVirt);
  const allowed = await mayImpersonate(client, namespace);
  return {
    refusals: allowed ? [] : [roleText(namespace)],
    handlerTransport: (node) => actingFor(transport, serviceAccount(namespace, ACCOUNT, node)),
  };
}

/** Newer releases place no VMI before virt-operator has written it (kubevirt 1.4). */
async function nameArchitecture(client: KubeClient, kubeVirt: KubeVirt): Promise<void> {
  if (kubeVirt.status?.defaultArchitecture !== undefined) return;
  const patch = { status: { defaultArchitecture: 'amd64' } };
  await ignoreNotFound(
    client.patch(KUBEVIRTS, kubeVirt.metadata, patch, { subresource: 'status' }),
  );
}

async function mayImpersonate(client: KubeClient, namespace: string): Promise<boolean> {
  const { body } = await client.raw({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: {
        resourceAttributes: {
          verb: 'impersonate',
          resource: 'serviceaccounts',
          namespace,
          name: ACCOUNT,
        },
      },
    },
  });
  return (body as { status?: { allowed?: boolean } }).status?.allowed === true;
}

/** The refusal with the role, as it can be applied and bound. */
function roleText(namespace: string): string {
  return [
    `we may not write as ${namespace}:${ACCOUNT}, as whom nodes report; bind this ClusterRole:`,
    '    apiVersion: rbac.authorization.k8s.io/v1',
    '    kind: ClusterRole',
    '    metadata: { name: bench-plays-nodes }',
    '    rules:',
    '    - apiGroups: [""]',
    '      resources: [serviceaccounts]',
    `      resourceNames: [${ACCOUNT}]`,
    '      verbs: [impersonate]',
    '    - apiGroups: [authentication.k8s.io]',
    `      resources: [userextras/${EXTRA}]`,
    '      verbs: [impersonate]',
  ].join('\n');
}
