/**
 * PATCH: the object as the patch would have it, written like an update. Custom kinds take JSON,
 * merge and apply patches; built-in ones strategic merge patches besides.
 */

import type { KubeObject } from '../../../api/object.ts';
import { applyConfiguration } from '../apply/apply.ts';
import { JsonPatchError, jsonPatch } from '../patches/json-patch.ts';
import { mergePatch } from '../patches/merge-patch.ts';
import { StrategicPatchError, strategicMergePatch } from '../patches/strategic-merge-patch.ts';
import { failure } from '../../../api/status.ts';
import {
  badRequest,
  fieldRequired,
  optionsInvalid,
  Refusal,
  unsupportedMediaType,
} from '../core/refusal.ts';
import type { Target } from '../registry/routes.ts';
import type { Context } from './context.ts';
import { asObject, createFrom } from './create.ts';
import { existing, writeUpdate } from './update.ts';
import { validated } from './validation.ts';
import { APPLY_PATCH, type WriteOptions } from './write-options.ts';

export const JSON_PATCH = 'application/json-patch+json';
export const MERGE_PATCH = 'application/merge-patch+json';
export const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';

export interface Patched {
  readonly object: KubeObject;
  /** An apply made the object. */
  readonly created: boolean;
}

export function patchObject(
  context: Context,
  target: Target,
  body: unknown,
  contentType: string | undefined,
  options: WriteOptions,
): Patched {
  if (contentType === APPLY_PATCH) return applyObject(context, target, body, options);
  const current = existing(context.store.collection(target.definition), target);
  const wanted = asObject(patched(target, current, body, contentType), target);
  const checked = validated(target, wanted, options, 'patch');
  return { object: writeUpdate(context, target, current, checked, options), created: false };
}

function patched(
  target: Target,
  current: KubeObject,
  body: unknown,
  contentType: string | undefined,
): unknown {
  const { custom, schema } = target.definition;
  switch (contentType) {
    case MERGE_PATCH:
      return mergePatch(current, body);
    case JSON_PATCH:
      return appliedJsonPatch(current, body);
    case STRATEGIC_PATCH:
      if (!custom) return appliedStrategicPatch(current, body, schema);
      throw unsupportedMediaType([JSON_PATCH, MERGE_PATCH, APPLY_PATCH]);
    default: {
      const supported = [JSON_PATCH, MERGE_PATCH, APPLY_PATCH];
      throw unsupportedMediaType(custom ? supported : [...supported, STRATEGIC_PATCH]);
    }
  }
}

/** A failed test loses its text on the way, as in apiserver handlers/patch.go. */
function appliedJsonPatch(current: KubeObject, body: unknown): unknown {
  try {
    return jsonPatch(current, body);
  } catch (error) {
    if (!(error instanceof JsonPatchError)) throw error;
    if (error.kind === 'malformed') throw badRequest(`error decoding patch: ${error.message}`);
    if (error.kind === 'tooLong') {
      throw new Refusal(failure(413, 'RequestEntityTooLarge', error.message));
    }
    const message = 'the server rejected our request due to an error in our request';
    throw new Refusal(failure(422, 'Invalid', message, {}));
  }
}

function appliedStrategicPatch(
  current: KubeObject,
  body: unknown,
  schema: Target['definition']['schema'],
): unknown {
  try {
    return strategicMergePatch(current, body, schema);
  } catch (error) {
    if (error instanceof StrategicPatchError) throw badRequest(error.message);
    throw error;
  }
}

function applyObject(
  context: Context,
  target: Target,
  body: unknown,
  options: WriteOptions,
): Patched {
  const { definition, name = '', namespace, subresource = '' } = target;
  const { manager } = options;
  if (manager === undefined) {
    const cause = fieldRequired('fieldManager', 'is required for apply patch');
    throw optionsInvalid('PatchOptions', [cause]);
  }
  const sent = asApplied(target, body);
  const applied = validated(target, sent, options, 'applied');
  const current = context.store.collection(definition).get(namespace, name);
  const how = { manager, subresource, force: options.force, time: context.stamp() };
  if (current) {
    const laid = applyConfiguration(definition, current, applied, how);
    const wanted = validated(target, laid, options, 'body');
    const object = writeUpdate(context, target, current, wanted, options, 'applied');
    return { object, created: false };
  }
  if (subresource !== '') existing(context.store.collection(definition), target);
  const { apiVersion, kind } = applied;
  const nothing = { apiVersion, kind, metadata: { name } };
  const laid = applyConfiguration(definition, nothing, applied, how);
  const wanted = validated(target, laid, options, 'body');
  return { object: createFrom(context, target, wanted, options, 'applied'), created: true };
}

function asApplied(target: Target, body: unknown): KubeObject {
  const sent = asObject(body, target);
  if (!sent.apiVersion || !sent.kind) {
    throw badRequest('apply patches must name apiVersion and kind');
  }
  if (sent.metadata.managedFields) throw badRequest('metadata.managedFields must be nil');
  if ((sent.metadata.name ?? target.name) !== target.name) {
    throw badRequest(
      `the name of the object (${sent.metadata.name}) does not match the name on the URL ` +
        `(${target.name})`,
    );
  }
  return sent;
}
