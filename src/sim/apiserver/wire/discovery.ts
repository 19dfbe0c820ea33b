/**
 * Discovery: which groups, versions and resources there are, plain (one document a group version)
 * and aggregated (one document for all, apidiscovery.k8s.io).
 */

import type { KindDefinition } from '../kinds/definition.ts';
import { formatApiVersion } from '../registry/registry.ts';

/** A resource without objects of its own: reviews, and aggregated subresources. */
export interface VirtualResource {
  readonly group: string;
  readonly version: string;
  /** `selfsubjectaccessreviews`, or `virtualmachines/start`. */
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Null where the server behind names none. */
  readonly verbs: readonly string[] | null;
}

export interface Discovery {
  /** The document at a path below /api or /apis; undefined where there is none. */
  plain(path: string): unknown;
  /** The aggregated document of /api or /apis. */
  aggregated(root: '/api' | '/apis', version: 'v2' | 'v2beta1'): unknown;
}

interface ListedResource {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly kind: string;
  readonly verbs: readonly string[] | null;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly group?: string;
  readonly version?: string;
}

interface GroupVersion {
  readonly group: string;
  readonly version: string;
  readonly resources: readonly ListedResource[];
}

const OBJECT_VERBS = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];
const STATUS_VERBS = ['get', 'patch', 'update'];

export function createDiscovery(
  definitions: readonly KindDefinition[],
  virtual: readonly VirtualResource[],
  serverAddress: string,
): Discovery {
  const versions = groupVersions(definitions, virtual);
  const documents = new Map<string, unknown>([
    ['/api', coreVersions(serverAddress)],
    ['/apis', groupList(versions)],
  ]);
  for (const { group, version, resources } of versions) {
    const root = group === '' ? '/api' : `/apis/${group}`;
    if (group !== '') documents.set(root, groupDocument(versions, group));
    documents.set(`${root}/${version}`, {
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: group === '' ? version : `${group}/${version}`,
      resources,
    });
  }
  return {
    plain: (path) => documents.get(path.length > 1 ? path.replace(/\/$/, '') : path),
    aggregated: (root, version) =>
      aggregatedDocument(
        versions.filter(({ group }) => (group === '') === (root === '/api')),
        version,
      ),
  };
}

function groupVersions(
  definitions: readonly KindDefinition[],
  virtual: readonly VirtualResource[],
): readonly GroupVersion[] {
  const byVersion = new Map<string, ListedResource[]>();
  const listOf = (groupVersion: string) => {
    const list = byVersion.get(groupVersion) ?? [];
    byVersion.set(groupVersion, list);
    return list;
  };
  for (const definition of definitions) {
    listOf(formatApiVersion(definition.resource)).push(...listedResources(definition));
  }
  for (const { group, version, name, kind, namespaced, verbs } of virtual) {
    const listed = { name, singularName: chooseSingular(name, kind), namespaced, kind, verbs };
    listOf(group === '' ? version : `${group}/${version}`).push(listed);
  }
  const versions = [...byVersion].map(([groupVersion, resources]) => {
    const slash = groupVersion.indexOf('/');
    return {
      group: slash < 0 ? '' : groupVersion.slice(0, slash),
      version: groupVersion.slice(slash + 1),
      resources: resources.sort((a, b) => (a.name < b.name ? -1 : 1)),
    };
  });
  // Groups stand where their first kind does; in each, the version to take comes first.
  const groups = [...new Set(versions.map(({ group }) => group))];
  return groups.flatMap((name) =>
    versions.filter(({ group }) => group === name).sort((a, b) => byPriority(a.version, b.version)),
  );
}

/** apimachinery version/helpers.go: v2, v1, v1beta2, v1beta1, v1alpha1, then others by name. */
function byPriority(a: string, b: string): number {
  const left = rankVersion(a);
  const right = rankVersion(b);
  for (const [i, rank] of left.entries()) {
    if (rank !== right[i]) return (right[i] ?? 0) - rank;
  }
  return a < b ? -1 : Number(a > b);
}

/** Stability, major and minor number; zeros for what is no version of Kubernetes' form. */
function rankVersion(version: string): readonly number[] {
  const [, major, stage, minor] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version) ?? [];
  if (major === undefined) return [0, 0, 0];
  return [stage === undefined ? 3 : stage === 'beta' ? 2 : 1, Number(major), Number(minor ?? 0)];
}

function chooseSingular(name: string, kind: string): string {
  return name.includes('/') ? '' : kind.toLowerCase();
}

function listedResources(definition: KindDefinition): readonly ListedResource[] {
  const { resource, singular, shortNames, categories } = definition;
  const { plural, kind, namespaced } = resource;
  const main: ListedResource = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: OBJECT_VERBS,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
  };
  const names = [...(definition.statusSubresource ? ['status'] : []), ...definition.subresources];
  return [main, ...names.map((name) => subresource(definition, name))];
}

/** Subresources that speak of another kind than their object's. */
const OTHER_KINDS: Readonly<Record<string, Partial<ListedResource>>> = {
  binding: { kind: 'Binding', verbs: ['create'] },
  eviction: { kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] },
  finalize: { verbs: ['update'] },
  log: { verbs: ['get'] },
  scale: { kind: 'Scale', group: 'autoscaling', version: 'v1' },
  token: { kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1', verbs: ['create'] },
};

function subresource({ resource }: KindDefinition, name: string): ListedResource {
  return {
    name: `${resource.plural}/${name}`,
    singularName: '',
    namespaced: resource.namespaced,
    kind: resource.kind,
    verbs: STATUS_VERBS,
    ...OTHER_KINDS[name],
  };
}

function coreVersions(serverAddress: string): unknown {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

function groupList(versions: readonly GroupVersion[]): unknown {
  const names = new Set(versions.map(({ group }) => group).filter((group) => group !== ''));
  const groups = [...names].map((name) => {
    const { kind: _, apiVersion: __, ...group } = groupDocument(versions, name);
    return group;
  });
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

function groupDocument(versions: readonly GroupVersion[], name: string) {
  const served = versions
    .filter(({ group }) => group === name)
    .map(({ version }) => ({ groupVersion: `${name}/${version}`, version }));
  return {
    kind: 'APIGroup',
    apiVersion: 'v1',
    name,
    versions: served,
    preferredVersion: served[0],
  };
}

function aggregatedDocument(versions: readonly GroupVersion[], version: string): unknown {
  const names = [...new Set(versions.map(({ group }) => group))];
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: names.map((name) => ({
      metadata: { name, creationTimestamp: null },
      versions: versions
        .filter(({ group }) => group === name)
        .map((each) => ({
          version: each.version,
          resources: aggregatedResources(each),
          freshness: 'Current',
        })),
    })),
  };
}

function aggregatedResources({ group, version, resources }: GroupVersion): readonly unknown[] {
  const isMain = ({ name }: ListedResource) => !name.includes('/');
  const mains = resources.filter(isMain);
  const orphans = resources.filter(
    ({ name }) => name.includes('/') && !mains.some((main) => name.startsWith(`${main.name}/`)),
  );
  const parents = [...new Set(orphans.map(({ name }) => name.slice(0, name.indexOf('/'))))];
  const describe = (resource: ListedResource) => ({
    responseKind: {
      group: resource.group ?? group,
      version: resource.version ?? version,
      kind: resource.kind,
    },
    verbs: resource.verbs,
  });
  const subresourcesOf = (name: string) =>
    resources
      .filter((each) => each.name.startsWith(`${name}/`))
      .map((each) => ({ subresource: each.name.slice(name.length + 1), ...describe(each) }));
  const scopeOf = ({ namespaced }: ListedResource) => (namespaced ? 'Namespaced' : 'Cluster');
  return [
    ...mains.map((main) => ({
      resource: main.name,
      ...describe(main),
      scope: scopeOf(main),
      singularResource: main.singularName,
      ...(main.shortNames ? { shortNames: main.shortNames } : {}),
      ...(main.categories ? { categories: main.categories } : {}),
      subresources: subresourcesOf(main.name),
    })),
    ...parents.map((name) => ({
      resource: name,
      responseKind: { group: '', version: '', kind: '' },
      scope: 'Namespaced',
      singularResource: '',
      verbs: null,
      subresources: subresourcesOf(name),
    })),
  ];
}
