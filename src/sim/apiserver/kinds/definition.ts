/**
 * What the server knows of a kind: names for discovery and kubectl, and the few ways in which
 * kinds behave differently when they are written or deleted.
 */

import type { KubeObject } from '../../../api/object.ts';
import type { Resource } from '../../../api/resources.ts';
import { undescribed } from '../schema/metadata.ts';
import type { ObjectSchema } from '../schema/schema.ts';
import { AGE_COLUMN, type Column, NAME_COLUMN, PRINTED_AGE } from '../table/column.ts';

export interface KindDefinition {
  readonly resource: Resource;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** Served as a custom resource: an update needs a version, strategic merge is refused. */
  readonly custom: boolean;
  /** With it, main writes leave status alone and /status writes everything else. */
  readonly statusSubresource: boolean;
  /** Whether metadata.generation is kept; core kinds mostly have none. */
  readonly generation: boolean;
  /** The version in which objects are stored, where this is another one of the same kind. */
  readonly storedAs?: KindDefinition;
  /** The schema in the words of the CustomResourceDefinition that it came in. */
  readonly openApi?: object;
  /** Where the scale subresource finds what it is about; the paths of Deployments where absent. */
  readonly scale?: ScalePaths;
  /** Holds a deleted object until the server itself has cleaned up behind it. */
  readonly deletionFinalizer?: string;
  /** Besides `status`: `scale`, `binding`, `finalize`, ... */
  readonly subresources: readonly string[];
  /** Field selectors beyond metadata.name and metadata.namespace: label to path. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
  /** Deleted in two steps, of which the kubelet does the second. */
  readonly graceful: boolean;
  /** With the name first, as in a table. */
  readonly columns: readonly Column[];
  /** What a new object's status is; undefined drops what the client sent, `keep` keeps it. */
  readonly initialStatus: ((object: KubeObject) => unknown) | 'keep' | undefined;
  /** Of the whole object, for explanation, validation and apply. */
  readonly schema: ObjectSchema;
  /** Fills in what a client left out; gives back the same object where nothing was. */
  readonly withDefaults: ((object: KubeObject) => KubeObject) | undefined;
}

export interface ScalePaths {
  readonly replicas: readonly string[];
  readonly statusReplicas: readonly string[];
  readonly selector: readonly string[] | undefined;
}

export type KindOptions = Partial<Omit<KindDefinition, 'resource' | 'custom' | 'fields'>> & {
  /** Labels of field selectors, each of which is its own path. */
  readonly fields?: readonly string[];
};

/** A kind with Kubernetes' own manners. */
export function builtIn(resource: Resource, options: KindOptions = {}): KindDefinition {
  const columns = options.columns ?? [NAME_COLUMN, AGE_COLUMN];
  return define(resource, { custom: false, generation: false }, { ...options, columns });
}

/** A kind as a CustomResourceDefinition makes it; `columns` are its printer columns. */
export function custom(resource: Resource, options: KindOptions = {}): KindDefinition {
  const columns = [NAME_COLUMN, ...(options.columns ?? [PRINTED_AGE])];
  return define(resource, { custom: true, generation: true }, { ...options, columns });
}

/** The same kind in another served version; its objects differ in nothing but apiVersion. */
export function inVersion(storedAs: KindDefinition, version: string): KindDefinition {
  return { ...storedAs, resource: { ...storedAs.resource, version }, storedAs };
}

/** A resource that no other wing knows by name. */
export function resource(
  group: string,
  version: string,
  plural: string,
  kind: string,
  scope: 'namespaced' | 'cluster',
): Resource {
  return { group, version, plural, kind, namespaced: scope === 'namespaced' };
}

function define(
  of: Resource,
  manners: Pick<KindDefinition, 'custom' | 'generation'>,
  { fields = [], ...options }: KindOptions,
): KindDefinition {
  return {
    resource: of,
    singular: of.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    statusSubresource: true,
    subresources: [],
    graceful: false,
    columns: [],
    initialStatus: undefined,
    schema: undescribed(of.kind),
    withDefaults: undefined,
    ...manners,
    ...options,
    fields: Object.fromEntries(fields.map((label) => [label, label.split('.')])),
  };
}
