/**
 * What the server knows of a kind: names for discovery and kubectl, and the few ways in which
 * kinds behave differently when they are written or deleted.
 */

import type { KubeObject } from '../../../api/object.ts';
import type { Resource } from '../../../api/resources.ts';

/** A column of `kubectl get`; `path` is a simple JSONPath as in a CRD, or a function. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: string;
  readonly description?: string;
  /** 0 is always shown, 1 with `-o wide`. */
  readonly priority?: number;
  readonly value: string | ((object: KubeObject, nowUnixUs: number) => unknown);
}

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
  /** Besides `status`: `scale`, `binding`, `finalize`, ... */
  readonly subresources: readonly string[];
  /** Field selectors beyond metadata.name and metadata.namespace: label to path. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
  /** Deleted in two steps, of which the kubelet does the second. */
  readonly graceful: boolean;
  readonly columns: readonly Column[];
  /** What a new object's status is; undefined drops what the client sent, `keep` keeps it. */
  readonly initialStatus: ((object: KubeObject) => unknown) | 'keep' | undefined;
}

export type KindOptions = Partial<Omit<KindDefinition, 'resource' | 'custom'>>;

/** A kind with Kubernetes' own manners. */
export function builtIn(resource: Resource, options: KindOptions = {}): KindDefinition {
  return { ...defaults(resource), custom: false, generation: false, ...options };
}

/** A kind as a CustomResourceDefinition makes it. */
export function custom(resource: Resource, options: KindOptions = {}): KindDefinition {
  return { ...defaults(resource), custom: true, generation: true, ...options };
}

function defaults(resource: Resource): KindDefinition {
  return {
    resource,
    singular: resource.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    custom: true,
    statusSubresource: true,
    generation: true,
    subresources: [],
    fields: {},
    graceful: false,
    columns: [],
    initialStatus: undefined,
  };
}
