/**
 * The Prometheus of an OpenShift cluster, found by itself: Thanos behind its route, asked with the
 * token of the kubeconfig, its certificate verified against the authority of the cluster's router.
 * That is another host than the API server, so neither a client certificate nor a leave to skip
 * verification goes with it.
 */

import { TransportError } from '../api/transport.ts';
import type { MetricsSource } from '../drive/metrics-source.ts';
import { ApiError } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { ClusterAccess } from './cluster-handle.ts';
import { prometheusAt } from './prometheus.ts';

const ROUTE = '/apis/route.openshift.io/v1/namespaces/openshift-monitoring/routes/thanos-querier';
/** What OpenShift writes for whoever has to trust its default router. */
const AUTHORITY = '/api/v1/namespaces/openshift-config-managed/configmaps/default-ingress-cert';

/** Looked for when it is first asked, and then once. */
export function lazyThanos(access: ClusterAccess): MetricsSource {
  let found: Promise<MetricsSource> | undefined;
  return {
    async read(query, window) {
      found ??= findThanos(access);
      return (await found).read(query, window);
    },
  };
}

const REMEDY = 'name its Prometheus with --prometheus URL';

interface Route {
  readonly spec?: { readonly host?: string };
  readonly status?: { readonly ingress?: readonly { readonly host?: string }[] };
}

interface ConfigMap {
  readonly data?: Readonly<Record<string, string>>;
}

async function findThanos(access: ClusterAccess): Promise<MetricsSource> {
  const { client, connection } = access;
  const route = await findRoute(client);
  const host = route.status?.ingress?.[0]?.host ?? route.spec?.host;
  if (host === undefined) throw unknown('the route of its Thanos has no host');
  const { Authorization: authorization = '' } = await connection.headers();
  if (!authorization.startsWith('Bearer ')) {
    throw unknown('its Thanos takes tokens alone, and the kubeconfig has none (oc login)');
  }
  const name = 'route openshift-monitoring/thanos-querier';
  return prometheusAt(`https://${host}`, access, { name, authorities: await authorities(client) });
}

async function findRoute(client: KubeClient): Promise<Route> {
  try {
    return (await client.raw({ method: 'GET', path: ROUTE })).body as Route;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw unknown(`the route of its Thanos is not to be seen (${error.code})`);
  }
}

/** None where they may not be read: the public ones are trusted anyway. */
async function authorities(client: KubeClient): Promise<readonly string[]> {
  try {
    const { body } = await client.raw({ method: 'GET', path: AUTHORITY });
    const bundle = (body as ConfigMap).data?.['ca-bundle.crt'];
    return bundle === undefined ? [] : [bundle];
  } catch (error) {
    if (error instanceof ApiError) return [];
    throw error;
  }
}

function unknown(why: string): TransportError {
  return new TransportError(`${why}: ${REMEDY}`, false);
}
