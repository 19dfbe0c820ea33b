/**
 * PUT and the end of every PATCH: what of the wanted object is taken, whether it differs, and what
 * follows from it. A main write leaves status alone and a /status write leaves the rest alone; a
 * write that changes nothing is no write.
 */

import type { KubeObject, ObjectMeta } from '../../../api/object.ts';
import { NAMESPACES } from '../../../api/resources.ts';
import { sameJson } from '../../../core/json.ts';
import { creditUpdate } from '../apply/managed-fields.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import {
  badRequest,
  conflict,
  fieldForbidden,
  fieldInvalid,
  invalid,
  notFound,
} from '../core/refusal.ts';
import { formatApiVersion } from '../registry/registry.ts';
import type { Target } from '../registry/routes.ts';
import { type Collection, type Draft, type Mutable, ownDraft } from '../registry/store.ts';
import { type Context, erase, persist } from './context.ts';
import { asObject } from './create.ts';
import { checkMetadata, dropEmpty } from './metadata-checks.ts';
import { validated } from './validation.ts';
import { PLAIN_WRITE, type WriteOptions } from './write-options.ts';

const MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again';

/** PUT: replaces the object, or refuses a stale or missing version. */
export function replaceObject(
  context: Context,
  target: Target,
  body: unknown,
  options: WriteOptions = PLAIN_WRITE,
): KubeObject {
  const { resource } = target.definition;
  const wanted = validated(target, asObject(body, target), options, 'body');
  const name = target.name ?? '';
  if ((wanted.metadata.name ?? name) !== name) {
    const sent = wanted.metadata.name;
    throw badRequest(
      `the name of the object (${sent}) does not match the name on the URL (${name})`,
    );
  }
  const collection = context.store.collection(target.definition);
  const current = existing(collection, target);
  if (!wanted.metadata.resourceVersion && target.definition.custom) {
    const detail = 'must be specified for an update';
    throw invalid(resource, name, [
      {
        ...fieldInvalid('metadata.resourceVersion', 0, detail),
        message: `Invalid value: 0x0: ${detail}`,
      },
    ]);
  }
  return writeUpdate(context, target, current, wanted, options);
}

/** The stored object of the target; 404 where there is none. */
export function existing(collection: Collection, target: Target): KubeObject {
  const current = collection.get(target.namespace, target.name ?? '');
  if (!current) throw notFound(target.definition.resource, target.name ?? '');
  return current;
}

/** Brings `current` to what `wanted` says of the part that the target may write. */
export function writeUpdate(
  context: Context,
  target: Target,
  current: KubeObject,
  wanted: KubeObject,
  options: WriteOptions,
  managed?: 'applied',
): KubeObject {
  const { definition } = target;
  checkVersion(definition, current, wanted.metadata);
  const metadata = updatedMetadata(target, current, wanted);
  const sent = wanted.metadata.managedFields;
  setAccount(metadata, managed || sent?.length ? sent : current.metadata.managedFields);
  const updated = updatedObject(target, current, wanted, metadata);
  const onlyStatus = target.subresource === 'status';
  const defaulted = onlyStatus ? updated : (definition.withDefaults?.(updated) ?? updated);
  if (options.validation !== 'Unchecked') checkMetadata(definition, defaulted.metadata);
  const draft = ownDraft(context.admission.admit(definition, defaulted, current));
  checkFinalizers(definition, current, draft);
  const collection = context.store.collection(definition);
  if (isReleased(draft)) return erase(context, collection, draft, current, options);
  if (sameJson(draft, current)) return current;
  if (definition.generation && specDiffers(definition, draft, current)) {
    draft.metadata.generation = (current.metadata.generation ?? 0) + 1;
  }
  // What webhooks change of it is nobody's (apiserver endpoints/handlers/update.go).
  if (!managed) setAccount(draft.metadata, account(context, target, current, defaulted, options));
  return persist(context, collection, draft, current, options);
}

/** A client may rewrite the account of fields, but not drop it; an apply says all of it. */
function setAccount(metadata: Mutable<ObjectMeta>, account: ObjectMeta['managedFields']): void {
  if (account) metadata.managedFields = account;
  else if (metadata.managedFields !== undefined) delete metadata.managedFields;
}

/** The account of fields after the write, where there is one or the writer names itself. */
function account(
  context: Context,
  { definition, subresource = '' }: Target,
  current: KubeObject,
  written: KubeObject,
  { manager }: WriteOptions,
): ObjectMeta['managedFields'] {
  const { managedFields } = written.metadata;
  if (manager === undefined) {
    // What controllers of this process write to status contends with nobody's fields.
    if (current.metadata.managedFields === undefined || subresource === 'status') {
      return managedFields;
    }
  }
  const writer = { manager: manager ?? 'controllers', subresource };
  return creditUpdate(definition, current, written, writer, context.stamp()).metadata.managedFields;
}

/** Whether nothing holds a deleted object any longer. */
function isReleased(object: KubeObject): boolean {
  const { metadata } = object;
  if (metadata.deletionTimestamp === undefined) return false;
  if ((metadata.deletionGracePeriodSeconds ?? 0) > 0) return false;
  if (metadata.finalizers !== undefined && metadata.finalizers.length > 0) return false;
  return object.kind !== 'Namespace' || namespaceFinalizers(object).length === 0;
}

export function namespaceFinalizers(object: KubeObject): readonly string[] {
  return (object.spec as { readonly finalizers?: readonly string[] } | undefined)?.finalizers ?? [];
}

function otherUid(wanted: string, uid: string | undefined): string {
  return `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${uid}`;
}

function checkVersion(definition: KindDefinition, current: KubeObject, wanted: ObjectMeta): void {
  const { resource } = definition;
  const { name, resourceVersion, uid } = current.metadata;
  if (wanted.uid !== undefined && wanted.uid !== '' && wanted.uid !== uid) {
    throw conflict(resource, name, otherUid(wanted.uid, uid));
  }
  if (wanted.resourceVersion && wanted.resourceVersion !== resourceVersion) {
    throw conflict(resource, name, MODIFIED);
  }
}

function updatedMetadata(
  target: Target,
  current: KubeObject,
  wanted: KubeObject,
): Mutable<ObjectMeta> {
  const old = current.metadata;
  const onlyStatus = target.subresource === 'status';
  const metadata: Mutable<ObjectMeta> =
    onlyStatus && target.definition.custom ? { ...old } : { ...wanted.metadata };
  if (wanted.metadata !== old) keepServersOwn(metadata, old);
  dropEmpty(metadata);
  return metadata;
}

/** What a client cannot change. */
function keepServersOwn(metadata: Mutable<ObjectMeta>, old: ObjectMeta): void {
  metadata.name = old.name;
  if (metadata.namespace !== old.namespace) keep(metadata, old, 'namespace');
  if (metadata.uid !== old.uid) keep(metadata, old, 'uid');
  if (metadata.resourceVersion !== old.resourceVersion) keep(metadata, old, 'resourceVersion');
  if (metadata.generation !== old.generation) keep(metadata, old, 'generation');
  if (metadata.creationTimestamp !== old.creationTimestamp)
    keep(metadata, old, 'creationTimestamp');
  if (metadata.deletionTimestamp !== old.deletionTimestamp)
    keep(metadata, old, 'deletionTimestamp');
  if (metadata.deletionGracePeriodSeconds !== old.deletionGracePeriodSeconds) {
    keep(metadata, old, 'deletionGracePeriodSeconds');
  }
  if (metadata.generateName !== old.generateName) keep(metadata, old, 'generateName');
}

function keep<K extends keyof ObjectMeta>(
  metadata: Mutable<ObjectMeta>,
  old: ObjectMeta,
  key: K,
): void {
  const value = old[key];
  if (value === undefined) delete metadata[key];
  else metadata[key] = value as Mutable<ObjectMeta>[K];
}

function updatedObject(
  target: Target,
  current: KubeObject,
  wanted: KubeObject,
  metadata: Mutable<ObjectMeta>,
): Draft {
  const { definition } = target;
  if (target.subresource === 'status') {
    return withPart({ ...current, metadata } as Draft, 'status', wanted.status);
  }
  const draft = { ...wanted, metadata } as Draft;
  draft.apiVersion = formatApiVersion(definition.resource);
  draft.kind = definition.resource.kind;
  if (definition.statusSubresource) withPart(draft, 'status', current.status);
  if (definition.resource === NAMESPACES) {
    withPart(draft, 'spec', (target.subresource === 'finalize' ? wanted : current).spec);
  }
  return draft;
}

function withPart(draft: Draft, part: 'spec' | 'status', value: unknown): Draft {
  if (value !== undefined && value !== null) draft[part] = value;
  else delete draft[part];
  return draft;
}

function checkFinalizers(definition: KindDefinition, current: KubeObject, draft: Draft): void {
  const now = draft.metadata.finalizers;
  const before = current.metadata.finalizers;
  if (now === before || now === undefined || current.metadata.deletionTimestamp === undefined) {
    return;
  }
  const added = now.filter((finalizer) => !before?.includes(finalizer));
  if (added.length === 0) return;
  const list = `[]string{${added.map((finalizer) => `"${finalizer}"`).join(', ')}}`;
  const detail =
    'no new finalizers can be added if the object is being deleted, found new finalizers ' + list;
  const causes = [fieldForbidden('metadata.finalizers', detail)];
  throw invalid(definition.resource, current.metadata.name, causes);
}

/** Any change outside metadata, and outside status where that is a subresource. */
function specDiffers(definition: KindDefinition, draft: KubeObject, current: KubeObject): boolean {
  const now = draft as unknown as Readonly<Record<string, unknown>>;
  const before = current as unknown as Readonly<Record<string, unknown>>;
  const counts = (key: string) =>
    key !== 'metadata' && !(key === 'status' && definition.statusSubresource);
  for (const key in now) if (counts(key) && !sameJson(now[key], before[key])) return true;
  for (const key in before) {
    if (counts(key) && before[key] !== undefined && now[key] === undefined) return true;
  }
  return false;
}
