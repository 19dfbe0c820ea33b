/**
 * Who else lives in a namespace that is about to go: everything in it goes with it, so everything
 * is looked at, of whatever kind. A pod of a Deployment has an owner, and is still somebody else's;
 * only what grows out of our own objects is ours.
 */

import { safeTable } from '../core/table.ts';
import type { KubeObject } from '../api/object.ts';
import { CLAIMS, CONFIG_MAPS, DATA_VOLUMES, PODS, type Resource } from '../api/resources.ts';
import { VMIS, SNAPSHOTS, VIRTUAL_MACHINES } from '../api/resources.ts';
import { isForbidden, isNotFound } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { findAll } from './check.ts';
import { describeTrouble, servedKinds, type VisibleKinds } from './served-kinds.ts';

export interface Census {
  /** `Kind namespace/name` of what is not ours. */
  readonly foreign: readonly string[];
  /** The same of what has an owner that is gone, and may be on its way out. */
  readonly orphans: readonly string[];
  /** Kinds that we may not look at, or that nobody answers for, with why. */
  readonly unseen: readonly string[];
}

/** All that is in the namespace; `isOurs` is told of UIDs. */
export async function takeCensus(
  client: KubeClient,
  namespace: string,
  isOurs: (uid: string) => boolean,
): Promise<Census> {
  const { kinds, unseen } = await visibleKinds(client, namespace);
  const found: { readonly kind: string; readonly object: KubeObject }[] = [];
  const dark: string[] = [];
  for (const resource of kinds) {
    const objects = await look(client, resource, namespace);
    if ('trouble' in objects) dark.push(`${resource.kind} (${objects.trouble})`);
    for (const object of 'trouble' in objects ? [] : objects) {
      if (!isStanding(resource, object)) found.push({ kind: resource.kind, object });
    }
  }
  const family = new Set(found.map(({ object }) => uidOf(object)).filter(isOurs));
  const isKin = (object: KubeObject) =>
    parentsOf(object).some((uid) => family.has(uid) || isOurs(uid));
  for (let before = -1; before !== family.size; ) {
    before = family.size;
    for (const { object } of found) if (isKin(object)) family.add(uidOf(object));
  }
  const present = new Set(found.map(({ object }) => uidOf(object)));
  const others = found.filter(({ object }) => !family.has(uidOf(object)));
  const isOrphan = ({ object }: (typeof others)[number]) =>
    parentsOf(object).length > 0 && !parentsOf(object).some((uid) => present.has(uid));
  const text = ({ kind, object }: (typeof others)[number]) =>
    `${kind} ${namespace}/${object.metadata.name}`;
  return {
    foreign: others.filter((each) => !isOrphan(each)).map(text),
    orphans: others.filter(isOrphan).map(text),
    unseen: [...unseen, ...dark],
  };
}

/** UIDs of its owners; CDI names those of its temporary objects by a label. */
function parentsOf({ metadata }: KubeObject): readonly string[] {
  const label = metadata.labels?.['cdi.kubevirt.io/ownedByUID'];
  const owners = metadata.ownerReferences?.map(({ uid }) => uid) ?? [];
  return label === undefined ? owners : [...owners, label];
}

function uidOf({ metadata }: KubeObject): string {
  return metadata.uid ?? '';
}

/** What every namespace has from its first second on; it is nobody's. */
const STANDING = safeTable<readonly string[]>({
  configmaps: ['kube-root-ca.crt', 'openshift-service-ca.crt', 'istio-ca-root-cert'],
  serviceaccounts: ['default', 'builder', 'deployer'],
  rolebindings: ['system:deployers', 'system:image-builders', 'system:image-pullers'],
});

/** Of service accounts: annotations by which their tokens and pull secrets name them. */
const ACCOUNT_OF_SECRET = [
  'kubernetes.io/service-account.name',
  'openshift.io/internal-registry-auth-token.service-account',
];

function isStanding({ plural }: Resource, { metadata }: KubeObject): boolean {
  if (plural === 'secrets') {
    const accounts = ACCOUNT_OF_SECRET.map((key) => metadata.annotations?.[key]);
    return accounts.some((name) => STANDING['serviceaccounts']?.includes(name ?? ''));
  }
  return STANDING[plural]?.includes(metadata.name) ?? false;
}

async function look(
  client: KubeClient,
  resource: Resource,
  namespace: string,
): Promise<readonly KubeObject[] | { readonly trouble: string }> {
  try {
    return await findAll(client, resource, { namespace });
  } catch (error) {
    return { trouble: describeTrouble(error) };
  }
}

/** Asked for one by one where we may not look at everything. */
const USUAL: readonly Resource[] = [
  VIRTUAL_MACHINES,
  VMIS,
  DATA_VOLUMES,
  CLAIMS,
  SNAPSHOTS,
  PODS,
  CONFIG_MAPS,
  usual('', 'secrets', 'Secret'),
  usual('', 'services', 'Service'),
  usual('', 'serviceaccounts', 'ServiceAccount'),
  usual('apps', 'deployments', 'Deployment'),
  usual('apps', 'statefulsets', 'StatefulSet'),
  usual('batch', 'jobs', 'Job'),
  usual('batch', 'cronjobs', 'CronJob'),
];

function usual(group: string, plural: string, kind: string): Resource {
  return { group, version: 'v1', plural, kind, namespaced: true } as Resource;
}

async function visibleKinds(client: KubeClient, namespace: string): Promise<VisibleKinds> {
  if (await mayList(client, namespace, '*', '*')) {
    return (await servedKinds(client)) ?? { kinds: USUAL, unseen: [] };
  }
  const kinds: Resource[] = [];
  const unseen: string[] = [];
  for (const resource of USUAL) {
    const { group, plural, kind } = resource;
    if (await mayList(client, namespace, group, plural)) kinds.push(resource);
    else unseen.push(kind);
  }
  return { kinds, unseen };
}

/** Where nobody answers such questions, the list itself will tell. */
async function mayList(
  client: KubeClient,
  namespace: string,
  group: string,
  resource: string,
): Promise<boolean> {
  const resourceAttributes = { verb: 'list', group, resource, namespace };
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const apiVersion = 'authorization.k8s.io/v1';
  const body = { apiVersion, kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } };
  try {
    const answer = await client.raw({ method: 'POST', path, body });
    return (answer.body as Review | undefined)?.status?.allowed === true;
  } catch (error) {
    if (isNotFound(error)) return true;
    if (isForbidden(error)) return false;
    throw error;
  }
}

interface Review {
  readonly status?: { readonly allowed?: boolean };
}
