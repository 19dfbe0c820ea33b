/** One request to one kind: method and target decide which handler answers. */

import type { KubeObject } from '../../../api/object.ts';
import { methodNotAllowed } from '../core/refusal.ts';
import type { Target } from '../registry/routes.ts';
import { bindPod } from './binding.ts';
import type { Context } from './context.ts';
import { createObject } from './create.ts';
import { evictPod } from './eviction.ts';
import type { Lister } from './list.ts';
import { patchObject } from './patch.ts';
import { deleteCollection, deleteObject } from './remove.ts';
import { handleScale } from './scale.ts';
import { unknownSubresource } from './unknown-path.ts';
import { existing, replaceObject } from './update.ts';
import { type ServerRequest, readWriteOptions } from './write-options.ts';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers, or throws a Refusal. */
export function handleResource(
  context: Context,
  lister: Lister,
  target: Target,
  request: ServerRequest,
): Answer {
  if (target.name === undefined) return handleCollection(context, lister, target, request);
  if (target.subresource === undefined) return handleObject(context, target, request);
  return handleSubresource(context, target, request);
}

function handleCollection(
  context: Context,
  lister: Lister,
  target: Target,
  request: ServerRequest,
): Answer {
  switch (request.method) {
    case 'GET':
      return { status: 200, body: lister.list(target, request.query) };
    case 'POST':
      return {
        status: 201,
        body: createObject(context, target, request.body, readWriteOptions(request)),
      };
    case 'DELETE':
      return {
        status: 200,
        body: deleteCollection(context, lister, target, request.body, request.query),
      };
    default:
      throw methodNotAllowed();
  }
}

function handleObject(context: Context, target: Target, request: ServerRequest): Answer {
  const { body, query } = request;
  switch (request.method) {
    case 'GET':
      return { status: 200, body: readObject(context, target) };
    case 'PUT':
      return { status: 200, body: replaceObject(context, target, body, readWriteOptions(request)) };
    case 'PATCH':
      return patchAnswer(context, target, request);
    case 'DELETE':
      return { status: 200, body: deleteObject(context, target, body, query) };
    default:
      throw methodNotAllowed();
  }
}

function podLog(context: Context, target: Target): Answer {
  existing(context.store.collection(target.definition), target);
  return { status: 200, body: 'This pod is simulated: it writes no log.\n' };
}

function patchAnswer(context: Context, target: Target, request: ServerRequest): Answer {
  const { body, contentType } = request;
  const patched = patchObject(context, target, body, contentType, readWriteOptions(request));
  return { status: patched.created ? 201 : 200, body: patched.object };
}

function readObject(context: Context, target: Target): KubeObject {
  const collection = context.store.collection(target.definition);
  return context.present(collection, existing(collection, target));
}

function handleSubresource(context: Context, target: Target, request: ServerRequest): Answer {
  const { definition, subresource = '' } = target;
  const isStatus = subresource === 'status' && definition.statusSubresource;
  if (!isStatus && !definition.subresources.includes(subresource)) throw unknownSubresource(target);
  if (subresource === 'binding' && request.method === 'POST') {
    return { status: 201, body: bindPod(context, target, request.body) };
  }
  if (subresource === 'scale') {
    return { status: 200, body: handleScale(context, target, request) };
  }
  if (subresource === 'eviction' && request.method === 'POST') {
    return { status: 201, body: evictPod(context, target, request) };
  }
  if (subresource === 'log' && request.method === 'GET') return podLog(context, target);
  if (subresource !== 'status' && subresource !== 'finalize') throw methodNotAllowed();
  if (request.method === 'POST' || request.method === 'DELETE') throw methodNotAllowed();
  return handleObject(context, target, request);
}
