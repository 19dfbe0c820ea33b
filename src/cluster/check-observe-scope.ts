/**
 * Could we watch somebody else's load there? Asks for rights, then for one object of each
 * kind: that tells at once which kinds are served and whether the selector can be understood.
 */

import type { Resource } from '../api/resources.ts';
import { ApiError, isNotFound } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { askFor } from './check-permissions.ts';
import type { Finding } from './check.ts';
import type { Explanation } from './explain-failure.ts';
import { type Need, listNeeds, type Permission } from './permissions.ts';

export interface ObservePlace {
  readonly selector: string;
  /** All where undefined. */
  readonly namespace: string | undefined;
  readonly resources: readonly Resource[];
}

export type ObserveScopeCheck =
  | {
      readonly kind: 'ready';
      readonly served: readonly Resource[];
      readonly missing: readonly Resource[];
      /** Warnings alone. */
      readonly findings: readonly Finding[];
    }
  | { readonly kind: 'refused'; readonly why: Explanation };

/** Creates nothing. Rejects with what explainFailure knows, where nobody lets us in. */
export async function checkObserveScope(
  client: KubeClient,
  place: ObservePlace,
): Promise<ObserveScopeCheck> {
  try {
    return await look(client, place);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code === 401 || error.code === 403) throw error;
    return { kind: 'refused', why: { found: error.message, remedy: 'see the server for why' } };
  }
}

async function look(client: KubeClient, place: ObservePlace): Promise<ObserveScopeCheck> {
  const served: Resource[] = [];
  const missing: Resource[] = [];
  const findings = await askFor(client, needsAt(place));
  const forbidden = findings.find(({ verdict }) => verdict === 'fail');
  if (forbidden) return { kind: 'refused', why: { found: forbidden.found, remedy: BIND_OR_NAME } };
  for (const resource of place.resources) {
    const answer = await listOne(client, resource, place);
    if (answer === 'served') served.push(resource);
    else if (answer === 'missing') missing.push(resource);
    else return { kind: 'refused', why: answer };
  }
  const warnings = findings.filter(({ verdict }) => verdict === 'warn');
  return { kind: 'ready', served, missing, findings: warnings };
}

const BIND_OR_NAME = 'bind the roles of deploy/, or name a namespace that is yours to look at';

function needsAt({ namespace }: ObservePlace): readonly Need[] {
  const places = {
    namespace: namespace ?? '',
    namespaces: [namespace ?? ''],
    sourceNamespaces: [],
    originNamespaces: [],
    makesNamespace: false,
    acts: new Set<never>(),
  };
  return listNeeds('observe', places).map(({ permission, lost }) => {
    return { permission: everywhere(permission), lost };
  });
}

/** No namespace is all of them. */
function everywhere({ namespace, ...rest }: Permission): Permission {
  return namespace ? { namespace, ...rest } : rest;
}

async function listOne(
  client: KubeClient,
  resource: Resource,
  { selector: labelSelector, namespace }: ObservePlace,
): Promise<'served' | 'missing' | Explanation> {
  try {
    await client.list(resource, { namespace, labelSelector, limit: 1 });
    return 'served';
  } catch (error) {
    if (isNotFound(error)) return 'missing';
    if (!(error instanceof ApiError) || error.code !== 400) throw error;
    const found = `--selector '${labelSelector}' is no label selector: ${error.message}`;
    return { found, remedy: 'as in `kubectl get vm -l`: app=mine, tier in (a, b), !legacy' };
  }
}
