/**
 * The API server of the simulated cluster, without a wire: requests in, answers out, watches told
 * at the moment of the commit. Delay is the endpoints' business (in-process.ts, https/).
 */

import type { KubeObject, Status } from '../../../api/object.ts';
import { RESOURCE_QUOTAS, type Resource } from '../../../api/resources.ts';
import type { WatchRequest } from '../../../api/transport.ts';
import { present } from '../../../core/assert.ts';
import type { Clock } from '../../../core/clock.ts';
import { SECOND } from '../../../core/duration.ts';
import type { Rng } from '../../../core/rng.ts';
import { rfc3339 } from '../../../core/time-text.ts';
import { type AdmissionRule, type Around, createAdmission } from '../registry/admission.ts';
import type { User } from '../authorization/user.ts';
import { ALWAYS_ALLOW, type Authorizer, createRbac } from '../authorization/rbac.ts';
import { CLAIM_RULE } from '../checks/claim.ts';
import { POD_RULE } from '../checks/pod.ts';
import { DEFINITION_RULE } from '../custom/check.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import { keepDefinitions } from '../custom/keeper.ts';
import { noSuchPath, Refusal } from '../core/refusal.ts';
import { createRegistry, type Registry } from '../registry/registry.ts';
import type { Context } from '../requests/context.ts';
import { asObject } from '../requests/create.ts';
import { type Answer, handleResource } from '../requests/handle.ts';
import { withUsage } from '../requests/quota.ts';
import { unknownPath } from '../requests/unknown-path.ts';
import { expireEvents } from '../requests/expiry.ts';
import { createLister, type Lister } from '../requests/list.ts';
import { type OpenWatch, openWatch, type WatchReceiver } from '../requests/watch.ts';
import { validated } from '../requests/validation.ts';
import { readWriteOptions, type ServerRequest } from '../requests/write-options.ts';
import { readGroup, findRoute, type Target } from '../registry/routes.ts';
import { createMeter, type Meter } from './meter.ts';
import { seedObjects, seed } from './seed.ts';
import { restoreObjects, type SavedObjects, saveObjects } from './saved.ts';
import { type Collection, type CommitListener, createStore } from '../registry/store.ts';
import { inAskedVersion, inStoredVersion, isConverted, receivingAsked } from './versions.ts';

/** A write that is about to be done. */
export interface GatedWrite {
  readonly namespace: string;
  /** As it was sent, or as it is where a patch was. */
  readonly object: KubeObject;
  /** As it is before; undefined where the write creates it. */
  readonly stored: KubeObject | undefined;
  readonly around: Around;
  /** Who writes; undefined where that is a controller of this process. */
  readonly user: User | undefined;
}

/** Undefined where nothing is waited for; resolves with the refusal, if there is one. */
type Gate = (write: GatedWrite) => Promise<Answer | undefined> | undefined;

type AggregatedHandler = (request: ServerRequest) => Promise<Answer>;

export interface ApiServerOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly registry?: Registry;
  /** Commits that each kind keeps for watches to resume from. */
  readonly historyLength?: number;
  /** Whether clients that come over a wire may do only what roles grant them; all may otherwise. */
  readonly authorization?: 'RBAC' | 'AlwaysAllow';
  /** What a server before this one held; stands in for the first namespaces. */
  readonly saved?: SavedObjects;
  /** Whether it counts what its clients do. */
  readonly isMetered?: boolean;
}

export interface ApiServer {
  readonly registry: Registry;
  /** Judges clients that come over a wire; those of this process are not asked. */
  readonly authorizer: Authorizer;
  /** The version of the last write. */
  readonly version: number;
  /** Told by whoever brings requests; undefined where nobody counts. */
  readonly meter: Meter | undefined;
  /** Never throws for what a client did wrong: that is an answer too. */
  handle(request: ServerRequest): Answer | Promise<Answer>;
  /** A Status where the watch is refused. */
  watch(request: WatchRequest, receiver: WatchReceiver): OpenWatch | Status;
  addAdmission(rule: AdmissionRule): void;
  /** Main writes to the resource wait for the gate, which may refuse them. */
  addGate(resource: Resource, gate: Gate): void;
  /** Requests below `/apis/GROUP/` go to the handler. */
  addAggregated(group: string, handler: AggregatedHandler): void;
  /** What is read at paths that name no objects; undefined where nothing is. */
  addDocuments(find: FindDocument): void;
  /** Told of each eviction before it is decided, as an admission webhook is. */
  onEviction(listener: (pod: KubeObject) => void): void;
  /** Objects of the resource are passed through `compute` whenever they are read. */
  addComputed<T extends KubeObject>(resource: Resource<T>, compute: (object: T) => T): void;
  /** Ground truth: told of each commit when it happens. */
  onCommit(listener: CommitListener): void;
  /** Puts an object, with its status, at once; its kind must be served and its name be free. */
  seed(object: KubeObject): KubeObject;
  /** All objects, for a server after this one. */
  save(): SavedObjects;
  /** The stored object at this moment; ground truth for tests and programs. */
  peek<T extends KubeObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    name: string,
  ): T | undefined;
  /** The server's own clock, which stamps objects. */
  nowUnixUs(): number;
  /** Moves that clock against the true one. */
  stepClock(offsetUs: number): void;
  /** Keeps so many commits of each kind from now on, for clients that come back late. */
  keepHistory(length: number): void;
  /** Deletes core/v1 events whose last time is longer ago, as etcd does after an hour. */
  expireEvents(ageUs: number): void;
  /** Forgets history and begun lists: older watches and tokens get 410. */
  compact(): void;
}

const DEFAULT_HISTORY_LENGTH = 4_000;

export function createApiServer(options: ApiServerOptions): ApiServer {
  const registry = options.registry ?? createRegistry();
  const { saved } = options;
  const store = createStore(options.historyLength ?? DEFAULT_HISTORY_LENGTH, saved?.version);
  const aggregated = new Map<string, AggregatedHandler>();
  const computed: ComputedFields = new Map();
  const gates = new Map<KindDefinition, Gate>();
  const hooks = createHooks();
  const clock = { offsetUs: 0 };
  const nowUnixUs = () => options.clock.wallUs() + clock.offsetUs;
  const parts = { store, registry, evictionAsked: hooks.evictionAsked };
  const context = createContext(options, parts, computed, nowUnixUs);
  const lister = createLister(context);
  const meter = options.isMetered ? createMeter(context, options.clock) : undefined;
  const ways: Ways = { context, lister, gates, aggregated, documents: hooks.documents };
  const collectionOf = (resource: Resource) =>
    store.collection(present(registry.ofResource(resource), `kind of ${resource.plural}`));

  if (registry.ofResource(RESOURCE_QUOTAS)) {
    computed.set(collectionOf(RESOURCE_QUOTAS), (quota) => withUsage(context, quota));
  }
  const server: ApiServer = {
    registry,
    authorizer: options.authorization === 'RBAC' ? createRbac(context.around.list) : ALWAYS_ALLOW,
    get version() {
      return store.version;
    },
    handle: (request) => refusable(() => handle(ways, request)),
    meter,
    watch: (request, receiver) => openRouted(context, { ...options, meter }, request, receiver),
    addAdmission: (rule) => context.admission.add(collectionOf(rule.resource).definition, rule),
    addGate: (resource, gate) => {
      gates.set(collectionOf(resource).definition, gate);
    },
    addAggregated: (group, handler) => {
      aggregated.set(group, handler);
    },
    ...hooks.doors,
    addComputed: (resource, compute) => {
      computed.set(collectionOf(resource), compute as unknown as Compute);
    },
    onCommit: (listener) => store.onCommit(listener),
    seed: (object) => seed(context, object),
    save: () => saveObjects(context),
    peek: <T extends KubeObject>(
      resource: Resource<T>,
      namespace: string | undefined,
      name: string,
    ) => collectionOf(resource).get(namespace, name) as T | undefined,
    nowUnixUs,
    stepClock: (offsetUs) => {
      clock.offsetUs += offsetUs;
    },
    keepHistory: (length) => store.keepHistory(length),
    expireEvents: (ageUs) => expireEvents(context, ageUs),
    compact() {
      store.compact();
      lister.forget();
    },
  };
  for (const rule of [DEFINITION_RULE, CLAIM_RULE, POD_RULE]) {
    if (registry.ofResource(rule.resource)) server.addAdmission(rule);
  }
  const keeper = keepDefinitions(context, options.clock);
  if (saved) restoreObjects(context, saved, (definition) => keeper?.restore(definition));
  else for (const object of seedObjects(options.authorization)) server.seed(object);
  return server;
}

interface Ways {
  readonly context: Context;
  readonly lister: Lister;
  readonly gates: ReadonlyMap<KindDefinition, Gate>;
  readonly aggregated: ReadonlyMap<string, AggregatedHandler>;
  readonly documents: readonly FindDocument[];
}

type FindDocument = (request: ServerRequest) => Answer | undefined;

/** What others have the server serve, and what they are told of. */
function createHooks() {
  const documents: FindDocument[] = [];
  const evictions: ((pod: KubeObject) => void)[] = [];
  const doors: Pick<ApiServer, 'addDocuments' | 'onEviction'> = {
    addDocuments: (find) => void documents.push(find),
    onEviction: (listener) => void evictions.push(listener),
  };
  const evictionAsked = (pod: KubeObject) => {
    for (const tell of evictions) tell(pod);
  };
  return { documents, evictionAsked, doors };
}

function handle(ways: Ways, request: ServerRequest): Answer | Promise<Answer> {
  const { context, lister, gates, aggregated, documents } = ways;
  const target = findRoute(context.registry, request.path);
  const wait = target && waitAtGate(context, gates, target, request);
  if (target && wait) {
    // An object is as old as the request for it, however long webhooks took.
    const late = { ...request, arrived: context.stamp() };
    const pass = () => refusable(() => handleInVersion(context, lister, target, late));
    return wait.then((refusal) => refusal ?? pass());
  }
  if (target) return handleInVersion(context, lister, target, request);
  const document = request.method === 'GET' && documents.map((find) => find(request)).find(Boolean);
  if (document) return document;
  const handler = aggregated.get(readGroup(request.path));
  return handler ? handler(request) : unknownPath(context.registry, request.path);
}

function openRouted(
  context: Context,
  { clock, meter }: { readonly clock: Clock; readonly meter: Meter | undefined },
  { path, query }: WatchRequest,
  receiver: WatchReceiver,
): OpenWatch | Status {
  try {
    const target = findRoute(context.registry, path);
    if (!target || target.subresource !== undefined) throw noSuchPath();
    const asked = isConverted(target) ? receivingAsked(target, receiver) : receiver;
    if (!meter) return openWatch(context, clock, target, query, asked);
    return meter.watched(target.asked, asked, (counting) =>
      openWatch(context, clock, target, query, counting),
    );
  } catch (error) {
    if (error instanceof Refusal) return error.status;
    throw error;
  }
}

const GATED: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

function waitAtGate(
  context: Context,
  gates: ReadonlyMap<KindDefinition, Gate>,
  target: Target,
  request: ServerRequest,
): Promise<Answer | undefined> | undefined {
  const { method, body, client } = request;
  const { definition, namespace = '', name, subresource } = target;
  const gate = gates.get(definition);
  if (!gate || subresource !== undefined || !GATED.has(method)) return undefined;
  const collection = context.store.collection(definition);
  const stored = name ? collection.get(namespace, name) : undefined;
  // An apply makes what is not there.
  const object = method === 'PATCH' ? (stored ?? body) : body;
  if (!object || typeof object !== 'object') return undefined;
  if (object === body && !isWellFormed(target, request)) return undefined;
  const { around } = context;
  return gate({ namespace, object: object as KubeObject, stored, around, user: client?.user });
}

/** Whether its kind knows the body; what it does not is refused before anybody is asked. */
function isWellFormed(target: Target, request: ServerRequest): boolean {
  try {
    const options = { ...readWriteOptions(request), warn: () => {} };
    validated(target, asObject(request.body, target), options, 'body');
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

function handleInVersion(
  context: Context,
  lister: Lister,
  target: Target,
  request: ServerRequest,
): Answer {
  if (!isConverted(target)) return handleResource(context, lister, target, request);
  const stored = inStoredVersion(target, request);
  return inAskedVersion(target, handleResource(context, lister, target, stored));
}

type Compute = (object: KubeObject) => KubeObject;
type ComputedFields = Map<Collection, Compute>;

function createContext(
  options: ApiServerOptions,
  parts: Pick<Context, 'store' | 'registry' | 'evictionAsked'>,
  computed: ComputedFields,
  nowUnixUs: () => number,
): Context {
  const { store, registry } = parts;
  const stamp = (offsetSeconds = 0) => rfc3339(nowUnixUs() + offsetSeconds * SECOND);
  const list = (resource: Resource) => {
    const definition = registry.ofResource(resource);
    const objects: KubeObject[] = [];
    if (definition) store.collection(definition).scan(undefined, (each) => !!objects.push(each));
    return objects;
  };
  return {
    ...parts,
    admission: createAdmission({ stamp, list }),
    around: { stamp, list },
    rng: options.rng.fork('apiserver'),
    nowUnixUs,
    stamp,
    present: (collection, object) => computed.get(collection)?.(object) ?? object,
  };
}

function refusable(handle: () => Answer | Promise<Answer>): Answer | Promise<Answer> {
  try {
    return handle();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refusedAnswer(error);
  }
}

function refusedAnswer({ status }: Refusal): Answer {
  const code = status.code ?? 500;
  const seconds = status.details?.retryAfterSeconds;
  if (seconds === undefined) return { status: code, body: status };
  return { status: code, body: status, headers: { 'retry-after': String(seconds) } };
}
