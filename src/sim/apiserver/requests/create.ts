/** POST on a collection: a name, an identity, a first version. */

import type { KubeObject, ObjectMeta } from '../../../api/object.ts';
import { NAMESPACES } from '../../../api/resources.ts';
import type { Rng } from '../../../core/rng.ts';
import { creditUpdate } from '../apply/managed-fields.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import { failure } from '../../../api/status.ts';
import {
  alreadyExists,
  badRequest,
  fieldRequired,
  forbidden,
  invalid,
  notFound,
  Refusal,
} from '../core/refusal.ts';
import { formatApiVersion } from '../registry/registry.ts';
import type { Target } from '../registry/routes.ts';
import { type Draft, type Mutable, ownDraft } from '../registry/store.ts';
import { type Context, persist } from './context.ts';
import { checkMetadata, dropEmpty } from './metadata-checks.ts';
import { checkName } from './names.ts';
import { checkQuotas } from './quota.ts';
import { validated } from './validation.ts';
import { PLAIN_WRITE, type WriteOptions } from './write-options.ts';

export function createObject(
  context: Context,
  target: Target,
  body: unknown,
  options: WriteOptions = PLAIN_WRITE,
): KubeObject {
  const sent = validated(target, asObject(body, target), options, 'body');
  if (sent.metadata.resourceVersion && options.validation !== 'Unchecked') throw versionOnCreate();
  return createFrom(context, target, sent, options);
}

/** Creates what is known to be well formed; its managedFields are the server's own. */
export function createFrom(
  context: Context,
  target: Target,
  sent: KubeObject,
  options: WriteOptions,
  managed?: 'applied',
): KubeObject {
  const { definition } = target;
  const namespace = namespaceOfNew(context, target, sent);
  const collection = context.store.collection(definition);
  // What is only asked about must not change what is created after it.
  const rng = options.dryRun ? context.rng.fork('dry run') : context.rng;
  const name = nameOfNew(rng, sent.metadata, target);
  const metadata = newMetadata(rng, sent.metadata, name, namespace);
  metadata.creationTimestamp = options.arrived ?? context.stamp();
  if (definition.generation) metadata.generation = 1;
  if (managed === undefined) delete metadata.managedFields;
  const draft = { ...sent, metadata } as Draft;
  draft.apiVersion = formatApiVersion(definition.resource);
  draft.kind = definition.resource.kind;
  resetStatus(target, draft);
  if (definition.resource === NAMESPACES) draft.spec = { finalizers: ['kubernetes'] };
  const defaulted = definition.withDefaults?.(draft) ?? draft;
  // What webhooks add to it is nobody's (apiserver endpoints/handlers/create.go).
  const credited =
    options.manager === undefined || managed
      ? defaulted
      : creditCreation(context, definition, defaulted, options.manager);
  const admitted = context.admission.admit(definition, credited);
  checkName(definition, admitted.metadata.name);
  if (options.validation !== 'Unchecked') checkMetadata(definition, admitted.metadata);
  checkQuotas(context, definition, admitted);
  // Known only to the storage, which comes after all that may refuse.
  if (collection.get(namespace, name)) throw alreadyExists(definition.resource, name);
  return persist(context, collection, ownDraft(admitted), undefined, options);
}

function creditCreation(
  context: Context,
  definition: KindDefinition,
  object: KubeObject,
  manager: string,
): KubeObject {
  const writer = { manager, subresource: '' };
  return creditUpdate(definition, undefined, object, writer, context.stamp());
}

/** The storage's own refusal, which no handler gives a reason of its own. */
function versionOnCreate(): Refusal {
  const message = 'resourceVersion should not be set on objects to be created';
  return new Refusal(failure(500, '', message));
}

/** The body as an object of the target's kind; refuses other kinds and other shapes: 400. */
export function asObject(body: unknown, target: Target): KubeObject {
  const { resource } = target.definition;
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    throw badRequest('the body of the request is not an object');
  }
  const sent = body as Partial<KubeObject>;
  const apiVersion = formatApiVersion(resource);
  if ((sent.kind ?? resource.kind) !== resource.kind) throw wrongKind(sent, apiVersion, target);
  if ((sent.apiVersion ?? apiVersion) !== apiVersion) throw wrongKind(sent, apiVersion, target);
  if (
    sent.metadata !== undefined &&
    (sent.metadata === null || typeof sent.metadata !== 'object')
  ) {
    throw badRequest('the metadata of the object is not an object');
  }
  return sent.metadata === undefined
    ? ({ ...sent, metadata: {} } as unknown as KubeObject)
    : (sent as KubeObject);
}

function wrongKind(sent: Partial<KubeObject>, apiVersion: string, target: Target): Error {
  return badRequest(
    `the API version in the data (${sent.apiVersion ?? apiVersion}, kind ${sent.kind}) does not ` +
      `match the expected API version (${apiVersion}, kind ${target.definition.resource.kind})`,
  );
}

function namespaceOfNew(context: Context, target: Target, sent: KubeObject): string | undefined {
  if (!target.definition.resource.namespaced) return undefined;
  const namespace = target.namespace ?? '';
  if (namespace === '') throw badRequest('an empty namespace may not be set during creation');
  if ((sent.metadata.namespace ?? namespace) !== namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  checkNamespace(context, target, namespace, sent.metadata.name ?? '');
  return namespace;
}

function checkNamespace(context: Context, target: Target, namespace: string, name: string): void {
  const definition = context.registry.ofResource(NAMESPACES);
  if (!definition) return;
  const found = context.store.collection(definition).get(undefined, namespace);
  if (!found) throw notFound(NAMESPACES, namespace);
  if (found.metadata.deletionTimestamp === undefined) return;
  const message = `namespace ${namespace} is being terminated`;
  throw forbidden(
    target.definition.resource,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
    [{ reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }],
  );
}

/** apiserver storage/names/generate.go. */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const LONGEST_BASE = 63 - SUFFIX_LENGTH;

function nameOfNew(rng: Rng, metadata: ObjectMeta, target: Target): string {
  if (metadata.name) return metadata.name;
  const base = metadata.generateName;
  if (!base) {
    throw invalid(target.definition.resource, '', [
      fieldRequired('metadata.name', 'name or generateName is required'),
    ]);
  }
  let suffix = '';
  for (let i = 0; i < SUFFIX_LENGTH; i++) {
    suffix += SUFFIX_ALPHABET[rng.integer(SUFFIX_ALPHABET.length)];
  }
  return base.slice(0, LONGEST_BASE) + suffix;
}

function newMetadata(
  rng: Rng,
  sent: ObjectMeta,
  name: string,
  namespace: string | undefined,
): Mutable<ObjectMeta> {
  const metadata: Mutable<ObjectMeta> = { ...sent, name };
  if (namespace !== undefined) metadata.namespace = namespace;
  else delete metadata.namespace;
  metadata.uid = rng.uuid();
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.generation;
  dropEmpty(metadata);
  return metadata;
}

function resetStatus({ definition }: Target, draft: Draft): void {
  const { initialStatus } = definition;
  if (!definition.statusSubresource || initialStatus === 'keep') return;
  const status = initialStatus?.(draft);
  if (status === undefined) delete draft.status;
  else draft.status = status;
}
