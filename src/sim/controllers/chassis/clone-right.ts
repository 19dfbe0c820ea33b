/**
 * May somebody clone from there? What CDI's library asks for whoever makes DataVolumes
 * (containerized-data-importer-api v1.58.4 core/v1beta1/authorize_utils.go), a request each.
 */

import type { KubeClient } from '../../../kube/client.ts';

/** What is cloned from another namespace. */
export interface ForeignSource {
  readonly kind: 'pvc' | 'snapshot';
  readonly namespace: string;
  readonly name: string;
}

export interface Asker {
  readonly username: string;
  readonly groups: readonly string[];
}

/**
 * A claim may be cloned by either of two rights, a snapshot by the one or by both others, of which
 * the last is asked for by a name that no resource has.
 */
export async function mayClone(
  client: KubeClient,
  { kind, namespace, name }: ForeignSource,
  { username, groups }: Asker,
): Promise<boolean> {
  const ask = (attributes: object) =>
    review(client, {
      user: username,
      groups,
      resourceAttributes: { namespace, name, verb: 'create', ...attributes },
    });
  const source = { group: 'cdi.kubevirt.io', resource: 'datavolumes', subresource: 'source' };
  if (await ask(source)) return true;
  if (!(await ask({ resource: 'pods' }))) return false;
  return kind === 'pvc' || ask({ resource: 'pvcs' });
}

/** The refusal's text. */
export function lacksCloneRight({ namespace }: ForeignSource, { username }: Asker): string {
  return `User ${username} has insufficient permissions in clone source namespace ${namespace}`;
}

async function review(client: KubeClient, spec: object): Promise<boolean> {
  const { body } = await client.raw({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec },
  });
  return (body as { readonly status?: { readonly allowed?: boolean } }).status?.allowed === true;
}
