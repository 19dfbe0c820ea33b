/** PATCH: the object as the patch would have it, written like an update. */

import type { KubeObject } from '../../../api/object.ts';
import { JsonPatchError, jsonPatch } from '../patches/json-patch.ts';
import { mergePatch } from '../patches/merge-patch.ts';
import { badRequest, failure, Refusal, unsupportedMediaType } from '../refusal.ts';
import type { Target } from '../routes.ts';
import { asObject } from './create.ts';
import { type Context, type Query } from './context.ts';
import { existing, writeUpdate } from './update.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';

export function patchObject(
  context: Context,
  target: Target,
  body: unknown,
  contentType: string | undefined,
  query?: Query,
): KubeObject {
  const current = existing(context.store.collection(target.definition), target);
  const wanted = patched(current, body, contentType);
  return writeUpdate(context, target, current, asObject(wanted, target), query);
}

function patched(current: KubeObject, body: unknown, contentType: string | undefined): unknown {
  switch (contentType) {
    case MERGE_PATCH:
      return mergePatch(current, body);
    case JSON_PATCH:
      return appliedJsonPatch(current, body);
    default:
      throw unsupportedMediaType([JSON_PATCH, MERGE_PATCH]);
  }
}

/** A failed test loses its text on the way, as in apiserver handlers/patch.go. */
function appliedJsonPatch(current: KubeObject, body: unknown): unknown {
  try {
    return jsonPatch(current, body);
  } catch (error) {
    if (!(error instanceof JsonPatchError)) throw error;
    if (error.kind === 'malformed') throw badRequest(`error decoding patch: ${error.message}`);
    const message = 'the server rejected our request due to an error in our request';
    throw new Refusal(failure(422, 'Invalid', message, {}));
  }
}
