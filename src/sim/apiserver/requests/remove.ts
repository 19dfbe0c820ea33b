/**
 * DELETE: at once where nothing holds the object, otherwise marked and left to its finalizers, or
 * for a pod on a node to its kubelet (apiserver registry/rest/delete.go).
 */

import { readFlag } from '../core/query.ts';
import type { KubeList, KubeObject, Status } from '../../../api/object.ts';
import { NAMESPACES } from '../../../api/resources.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import { forbidden, preconditionFailed, success } from '../core/refusal.ts';
import type { Target } from '../registry/routes.ts';
import type { Collection, Draft } from '../registry/store.ts';
import { type Context, erase, persist } from './context.ts';
import type { Lister } from './list.ts';
import { checkDeleteOptions } from './option-checks.ts';
import { existing, namespaceFinalizers } from './update.ts';
import type { Query } from '../core/query.ts';
import { PLAIN_WRITE, type WriteOptions } from './write-options.ts';

interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly orphanDependents?: boolean;
  readonly dryRun?: readonly string[];
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

/** A Status where the object is gone, the object where something still holds it. */
export function deleteObject(
  context: Context,
  target: Target,
  body: unknown,
  query?: Query,
): KubeObject | Status {
  const options = readDeleteOptions(body, query);
  const { resource } = target.definition;
  if (resource === NAMESPACES && PERMANENT.includes(target.name ?? '')) {
    throw forbidden(resource, target.name ?? '', 'this namespace may not be deleted');
  }
  const collection = context.store.collection(target.definition);
  const current = existing(collection, target);
  checkPreconditions(target, current, options);
  return deleteOne(context, collection, current, options);
}

/** NamespaceLifecycle's immortals. */
const PERMANENT = ['default', 'kube-system', 'kube-public'];

function deleteOne(
  context: Context,
  collection: Collection,
  current: KubeObject,
  options: DeleteOptions,
): KubeObject | Status {
  const { definition } = collection;
  const graceSeconds = chooseGracePeriod(collection, current, options);
  const finalizers = listFinalizers(definition, current, options);
  const held =
    finalizers.length > 0 ||
    graceSeconds > 0 ||
    (current.kind === 'Namespace' && namespaceFinalizers(current).length > 0);
  if (!held && endsEarly(current, graceSeconds)) {
    const hurried = marked(context, current, graceSeconds, finalizers);
    if (hurried) return goneAfter(context, collection, hurried, current, options);
  }
  if (!held) {
    const gone: Draft = { ...current, metadata: { ...current.metadata } };
    erase(context, collection, gone, current, toWriteOptions(options));
    return success({
      name: current.metadata.name,
      ...(definition.resource.group === '' ? {} : { group: definition.resource.group }),
      kind: definition.resource.plural,
      ...(current.metadata.uid === undefined ? {} : { uid: current.metadata.uid }),
    });
  }
  const draft = marked(context, current, graceSeconds, finalizers);
  return draft ? persist(context, collection, draft, current, toWriteOptions(options)) : current;
}

/** Whether a grace period that was still running is cut short: watchers are told of both. */
function endsEarly({ metadata }: KubeObject, graceSeconds: number): boolean {
  return (
    metadata.deletionTimestamp !== undefined &&
    graceSeconds < (metadata.deletionGracePeriodSeconds ?? 0)
  );
}

function goneAfter(
  context: Context,
  collection: Collection,
  hurried: Draft,
  current: KubeObject,
  options: DeleteOptions,
): KubeObject | Status {
  const written = persist(context, collection, hurried, current, toWriteOptions(options));
  return options.dryRun?.length ? written : deleteOne(context, collection, written, options);
}

/** DELETE on a collection: each object that the selectors name; the list as it was. */
export function deleteCollection(
  context: Context,
  lister: Lister,
  target: Target,
  body: unknown,
  query?: Query,
): KubeList {
  const collection = context.store.collection(target.definition);
  const list = lister.list(target, query);
  const options = readDeleteOptions(body, query);
  for (const object of list.items) {
    const current = collection.get(object.metadata.namespace, object.metadata.name);
    if (current) deleteOne(context, collection, current, options);
  }
  return list;
}

function readDeleteOptions(body: unknown, query: Query | undefined): DeleteOptions {
  const asked = askedOptions((body ?? {}) as DeleteOptions, query);
  checkDeleteOptions(asked);
  return asked;
}

function askedOptions(sent: DeleteOptions, query: Query | undefined): DeleteOptions {
  if (query === undefined) return sent;
  const { gracePeriodSeconds, propagationPolicy, dryRun } = query;
  const orphanDependents = readFlag(query, 'orphanDependents');
  return {
    ...(dryRun ? { dryRun: [dryRun] } : {}),
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: Number(gracePeriodSeconds) }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(orphanDependents === undefined ? {} : { orphanDependents }),
    ...sent,
  };
}

function toWriteOptions({ dryRun = [] }: DeleteOptions): WriteOptions {
  return dryRun.length > 0 ? { ...PLAIN_WRITE, dryRun: true } : PLAIN_WRITE;
}

function checkPreconditions(target: Target, current: KubeObject, options: DeleteOptions): void {
  const { resource } = target.definition;
  const { name, uid, resourceVersion } = current.metadata;
  const wanted = options.preconditions;
  if (wanted?.uid !== undefined && wanted.uid !== uid) {
    const cause =
      `the UID in the precondition (${wanted.uid}) does not match the UID in record (${uid}). ` +
      'The object might have been deleted and then recreated';
    throw preconditionFailed(resource, name, cause);
  }
  if (wanted?.resourceVersion !== undefined && wanted.resourceVersion !== resourceVersion) {
    const cause =
      `the ResourceVersion in the precondition (${wanted.resourceVersion}) does not match the ` +
      `ResourceVersion in record (${resourceVersion}). The object might have been modified`;
    throw preconditionFailed(resource, name, cause);
  }
}

/** Only pods that a kubelet has yet to stop get a grace period. */
function chooseGracePeriod(
  collection: Collection,
  current: KubeObject,
  options: DeleteOptions,
): number {
  if (!collection.definition.graceful) return 0;
  const spec = current.spec as
    | { readonly nodeName?: string; readonly terminationGracePeriodSeconds?: number }
    | undefined;
  const phase = (current.status as { readonly phase?: string } | undefined)?.phase;
  if (!spec?.nodeName || phase === 'Succeeded' || phase === 'Failed') return 0;
  return Math.max(0, options.gracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30);
}

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

function listFinalizers(
  { deletionFinalizer }: KindDefinition,
  current: KubeObject,
  options: DeleteOptions,
): readonly string[] {
  const own = current.metadata.finalizers ?? [];
  const begins = current.metadata.deletionTimestamp === undefined;
  const present = deletionFinalizer && begins ? [...own, deletionFinalizer] : own;
  const orphan = options.propagationPolicy === 'Orphan' || options.orphanDependents === true;
  const foreground = options.propagationPolicy === 'Foreground';
  if (!orphan && !foreground && options.propagationPolicy === undefined) return present;
  const others = present.filter((finalizer) => finalizer !== FOREGROUND && finalizer !== ORPHAN);
  const wanted = [...others, ...(foreground ? [FOREGROUND] : []), ...(orphan ? [ORPHAN] : [])];
  const unchanged =
    wanted.length === present.length && wanted.every((each, i) => each === present[i]);
  return unchanged ? present : wanted;
}

/** The object on its way out; undefined where it already is and nothing changes. */
function marked(
  context: Context,
  current: KubeObject,
  graceSeconds: number,
  finalizers: readonly string[],
): Draft | undefined {
  const old = current.metadata;
  const first = old.deletionTimestamp === undefined;
  const sooner = graceSeconds < (old.deletionGracePeriodSeconds ?? 0);
  const held = finalizers === old.finalizers || (finalizers.length === 0 && !old.finalizers);
  if (!first && !sooner && held) return undefined;
  const metadata: Draft['metadata'] = { ...old };
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  else delete metadata.finalizers;
  if (first || sooner) markTime(context, metadata, graceSeconds, first);
  const draft: Draft = { ...current, metadata };
  if (current.kind === 'Namespace') draft.status = { ...status(current), phase: 'Terminating' };
  return draft;
}

function markTime(
  context: Context,
  metadata: Draft['metadata'],
  graceSeconds: number,
  first: boolean,
): void {
  metadata.deletionTimestamp = context.stamp(graceSeconds);
  metadata.deletionGracePeriodSeconds = graceSeconds;
  if (first && metadata.generation !== undefined) metadata.generation += 1;
}

function status(object: KubeObject): Readonly<Record<string, unknown>> {
  return (object.status ?? {}) as Readonly<Record<string, unknown>>;
}
