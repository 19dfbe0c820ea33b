/** Which rights a run needs, and where: the rows of the table of grants that its plan calls for. */

import { unreachable } from '../core/assert.ts';
import type { Act, Grant, Use } from './grant.ts';
import { GRANTS } from './grants.ts';

/** One question to the server: may we? As in a SelfSubjectAccessReview. */
export interface Permission {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  /** Everywhere, or of the cluster itself, where absent. */
  readonly namespace?: string;
  readonly name?: string;
}

export interface Need {
  readonly permission: Permission;
  /** What is lost without; undefined where nothing works without. */
  readonly lost: string | undefined;
}

/** What rights depend on. */
export interface Places {
  /** The run's own, or lent to it. */
  readonly namespace: string;
  /** All in which objects are created, the run's among them. */
  readonly namespaces: readonly string[];
  /** Of others, from which disks are cloned. */
  readonly sourceNamespaces: readonly string[];
  /** Where there is what disks are cloned from and the run does not make. */
  readonly originNamespaces: readonly string[];
  /** The run makes its namespace, and takes it away afterwards. */
  readonly makesNamespace: boolean;
  readonly acts: ReadonlySet<Act>;
}

export function listNeeds(use: Use, places: Places): readonly Need[] {
  return GRANTS.filter(({ uses, act }) => {
    return uses.includes(use) && (act === undefined || places.acts.has(act));
  }).flatMap((grant) =>
    listPlaces(grant, places).flatMap((place) =>
      grant.verbs.map((verb) => ({ permission: permission(verb, grant, place), lost: grant.lost })),
    ),
  );
}

/** `create, get datavolumes.cdi.kubevirt.io in bench-7; update virtualmachines/start...`. */
export function permissionsText(asked: readonly Permission[]): string {
  const verbs = new Map<string, string[]>();
  for (const permission of asked) {
    const what = objectText(permission);
    const known = verbs.get(what);
    if (known) known.push(permission.verb);
    else verbs.set(what, [permission.verb]);
  }
  return [...verbs].map(([what, list]) => `${list.join(', ')} ${what}`).join('; ');
}

function objectText({ group, resource, subresource, namespace }: Permission): string {
  const path = subresource === undefined ? resource : `${resource}/${subresource}`;
  const full = group === '' ? path : `${path}.${group}`;
  return namespace === undefined ? full : `${full} in ${namespace}`;
}

type Place = Pick<Permission, 'namespace' | 'name'>;

function listPlaces({ reach, verbs }: Grant, places: Places): readonly Place[] {
  const { namespace, namespaces, makesNamespace } = places;
  // The server takes a namespace to be an object within itself.
  const home = { namespace, name: namespace };
  switch (reach) {
    case 'namespaces':
      return namespaces.map((each) => ({ namespace: each }));
    case 'watched':
      return namespaces.length > 1 ? [{}] : [{ namespace }];
    case 'home':
      return [home];
    case 'ownHome':
      if (!makesNamespace) return [];
      return verbs.includes('create') ? [{}] : [home];
    case 'sources':
      return places.sourceNamespaces.map((each) => ({ namespace: each }));
    case 'origins':
      return places.originNamespaces.map((each) => ({ namespace: each }));
    case 'thanos':
      return [{ namespace: 'openshift-monitoring', name: 'thanos-querier' }];
    case 'routerCertificate':
      return [{ namespace: 'openshift-config-managed', name: 'default-ingress-cert' }];
    case 'kubeSystem':
      return [{ namespace: 'kube-system', name: 'kube-system' }];
    case 'cluster':
      return [{}];
    default:
      return unreachable(reach);
  }
}

function permission(verb: string, grant: Grant, place: Place): Permission {
  const { group, resource, subresource } = grant;
  return { verb, group, resource, ...(subresource === undefined ? {} : { subresource }), ...place };
}
