/**
 * A typed client over a Transport. It throws ApiError for every answer of 400 and above and
 * retries nothing: what a retry means is the caller's business.
 */

import type { KubeList, KubeObject } from '../api/object.ts';
import type { Resource } from '../api/resources.ts';
import type { ApiResponse, Method, Transport, WatchSink } from '../api/transport.ts';
import { ApiError } from './api-error.ts';
import { ForeignAnswerError } from './foreign-answer.ts';
import { collectionPath, type ObjectRef, objectPath } from './paths.ts';
import type { RateLimiter } from './rate-limit.ts';
import { readWarnings } from './warnings.ts';

export type PatchType = 'merge' | 'json' | 'apply';

export interface DeleteOptions {
  /** Refuses (409 Conflict) to delete an object of the same name with another UID. */
  readonly uid?: string;
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
  readonly gracePeriodSeconds?: number;
}

export interface ListOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly limit?: number | undefined;
  readonly continueToken?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

export interface RequestOptions {
  readonly method: Method;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

export interface KubeClient {
  readonly transport: Transport;
  get<T extends KubeObject>(resource: Resource<T>, ref: ObjectRef): Promise<T>;
  /** One page. */
  list<T extends KubeObject>(resource: Resource<T>, options?: ListOptions): Promise<KubeList<T>>;
  create<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    query?: Readonly<Record<string, string>>,
  ): Promise<T>;
  /** PUT: needs metadata.resourceVersion; 409 Conflict where it is stale. */
  update<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    subresource?: 'status',
  ): Promise<T>;
  patch<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    patch: unknown,
    options?: { readonly type?: PatchType; readonly subresource?: string },
  ): Promise<T>;
  /** Resolves with what the server answers: a Status, or the object while finalizers hold it. */
  remove(resource: Resource, ref: ObjectRef, options?: DeleteOptions): Promise<unknown>;
  /** Any request; throws ApiError from 400 on. */
  raw(options: RequestOptions): Promise<ApiResponse>;
  /** Opens a watch on a collection; the returned function stops it. */
  watch(
    resource: Resource,
    query: Readonly<Record<string, string>>,
    sink: WatchSink,
    namespace?: string,
  ): () => void;
}

export interface ClientOptions {
  /** In whose name fields are written, where the server keeps an account of that. */
  readonly fieldManager?: string;
  /** The limiter that a request for this resource waits for; none where it gives undefined. */
  readonly limiterOf?: (resource: Resource | undefined) => RateLimiter | undefined;
  /** Told of what the server says beside its answer, however often. */
  readonly onWarning?: (text: string) => void;
}

/** Every request waits for the same limiter. */
export function limitedBy(limiter: RateLimiter): ClientOptions {
  return { limiterOf: () => limiter };
}

const PATCH_CONTENT: Readonly<Record<PatchType, string>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
};

export function createClient(transport: Transport, options: ClientOptions = {}): KubeClient {
  const exchange = async <R>(
    request: RequestOptions,
    resource: Resource | undefined,
    read: (response: ApiResponse) => R,
  ): Promise<R> => {
    const limiter = options.limiterOf?.(resource);
    if (limiter) await limiter.take();
    const response = await transport.request(credited(request, options.fieldManager));
    const warning = response.headers?.['warning'];
    if (warning) for (const text of readWarnings(warning)) options.onWarning?.(text);
    if (response.status >= 400) throw new ApiError(response, `${request.method} ${request.path}`);
    checkFields(request, response.body);
    return read(response);
  };
  const body = <T>(request: RequestOptions, resource: Resource) =>
    exchange(request, resource, (response) => response.body as T);
  return {
    transport,
    get: (resource, ref) => body({ method: 'GET', path: objectPath(resource, ref) }, resource),
    list: async (resource, listOptions = {}) =>
      asList(await body(listRequest(resource, listOptions), resource), resource),
    create: (resource, object, query = {}) =>
      body({ method: 'POST', path: pathOfNew(resource, object), body: object, query }, resource),
    update: (resource, object, subresource) => {
      const path = objectPath(resource, object.metadata, subresource);
      return body({ method: 'PUT', path, body: object }, resource);
    },
    patch: (resource, ref, patch, { type = 'merge', subresource } = {}) => {
      const path = objectPath(resource, ref, subresource);
      return body(
        { method: 'PATCH', path, body: patch, contentType: PATCH_CONTENT[type] },
        resource,
      );
    },
    remove: (resource, ref, deleteOptions = {}) =>
      body(
        { method: 'DELETE', path: objectPath(resource, ref), body: deleteBody(deleteOptions) },
        resource,
      ),
    raw: (request) => exchange(request, undefined, (response) => response),
    watch: (resource, query, sink, namespace) =>
      transport.watch(
        { path: collectionPath(resource, namespace), query: { ...query, watch: 'true' } },
        sink,
      ),
  };
}

/**
 * Reads, creations and patches are answered with an object, or somebody else has answered. Not so
 * the subresources that KubeVirt starts and stops VMs by, which are put.
 */
function checkFields({ method, path }: RequestOptions, body: unknown): void {
  if (method === 'PUT' || method === 'DELETE') return;
  const { kind, status } = (body ?? {}) as { readonly kind?: unknown; readonly status?: unknown };
  const isFields = typeof body === 'object' && body !== null && !Array.isArray(body);
  if (isFields && !(kind === 'Status' && status === 'Failure')) return;
  throw new ForeignAnswerError(`${method} ${path}: the answer is no object of an API server`);
}

/** The request in the name of the field manager, where it writes and names none itself. */
function credited(request: RequestOptions, fieldManager: string | undefined): RequestOptions {
  const writes = request.method !== 'GET' && request.method !== 'DELETE';
  if (fieldManager === undefined || !writes || request.query?.['fieldManager']) return request;
  return { ...request, query: { ...request.query, fieldManager } };
}

/** Go writes a list of nothing as null; what has no items at all is no list. */
function asList<T extends KubeObject>(answer: unknown, { plural }: Resource<T>): KubeList<T> {
  const { items, metadata } = (answer ?? {}) as Partial<KubeList<T>>;
  if (answer === null || typeof answer !== 'object' || items === undefined) {
    throw new ForeignAnswerError(`the list of ${plural} is none`);
  }
  if (items !== null && !(Array.isArray(items) && items.every(isObject))) {
    throw new ForeignAnswerError(`the list of ${plural} has items without a name`);
  }
  if (items !== null && metadata) return answer as KubeList<T>;
  return {
    ...(answer as KubeList<T>),
    items: (items ?? []) as unknown as readonly T[],
    metadata: metadata ?? {},
  };
}

function isObject(item: unknown): item is KubeObject {
  return typeof (item as KubeObject | null)?.metadata?.name === 'string';
}

function pathOfNew(resource: Resource, object: KubeObject): string {
  return collectionPath(resource, resource.namespaced ? object.metadata.namespace : undefined);
}

function listRequest(resource: Resource, options: ListOptions): RequestOptions {
  const query: Record<string, string> = {};
  if (options.labelSelector) query['labelSelector'] = options.labelSelector;
  if (options.fieldSelector) query['fieldSelector'] = options.fieldSelector;
  if (options.limit !== undefined) query['limit'] = String(options.limit);
  if (options.continueToken) query['continue'] = options.continueToken;
  if (options.resourceVersion !== undefined) query['resourceVersion'] = options.resourceVersion;
  return { method: 'GET', path: collectionPath(resource, options.namespace), query };
}

function deleteBody(options: DeleteOptions): unknown {
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(options.uid === undefined ? {} : { preconditions: { uid: options.uid } }),
    ...(options.propagation === undefined ? {} : { propagationPolicy: options.propagation }),
    ...(options.gracePeriodSeconds === undefined
      ? {}
      : { gracePeriodSeconds: options.gracePeriodSeconds }),
  };
}
