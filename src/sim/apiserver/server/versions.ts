/**
 * A kind served in several versions stores its objects in one of them. Versions differ in nothing
 * but the apiVersion of their objects, as CustomResourceDefinitions with conversion strategy None
 * have it: a request comes in the version of its path and is answered in it.
 */

import type { KubeList, KubeObject } from '../../../api/object.ts';
import type { WatchEvent } from '../../../api/transport.ts';
import { badRequest } from '../core/refusal.ts';
import { formatApiVersion } from '../registry/registry.ts';
import type { Answer } from '../requests/handle.ts';
import type { WatchReceiver } from '../requests/watch.ts';
import type { ServerRequest } from '../requests/write-options.ts';
import type { Target } from '../registry/routes.ts';

export function isConverted({ asked, definition }: Target): boolean {
  return asked.resource.version !== definition.resource.version;
}

/** The request in the version that is stored; refuses a body of another version: 400. */
export function inStoredVersion(target: Target, request: ServerRequest): ServerRequest {
  const { body } = request;
  const sent = body as Partial<KubeObject> | null | undefined;
  const { kind } = target.definition.resource;
  if (sent === null || typeof sent !== 'object' || Array.isArray(sent)) return request;
  if (sent.apiVersion === undefined || (sent.kind !== undefined && sent.kind !== kind)) {
    return request;
  }
  const expected = formatApiVersion(target.asked.resource);
  if (sent.apiVersion !== expected) {
    throw badRequest(
      `the API version in the data (${String(sent.apiVersion)}) does not match the expected API ` +
        `version (${expected})`,
    );
  }
  return {
    ...request,
    body: { ...sent, apiVersion: formatApiVersion(target.definition.resource) },
  };
}

/** The answer in the version that was asked for; what is no object of the kind stays as it is. */
export function inAskedVersion(target: Target, answer: Answer): Answer {
  const { kind } = target.definition.resource;
  const apiVersion = formatApiVersion(target.asked.resource);
  const body = answer.body as Partial<KubeObject & KubeList> | undefined;
  if (body?.kind === kind) return { ...answer, body: { ...body, apiVersion } };
  if (body?.kind !== `${kind}List` || !body.items) return answer;
  const items = body.items.map((item) => ({ ...item, apiVersion }));
  return { ...answer, body: { ...body, apiVersion, items } };
}

/** A receiver of events in the version that was asked for. */
export function receivingAsked(target: Target, receiver: WatchReceiver): WatchReceiver {
  const { kind } = target.definition.resource;
  const apiVersion = formatApiVersion(target.asked.resource);
  const converted = ({ type, object }: WatchEvent): WatchEvent => ({
    type,
    object: object.kind === kind ? { ...object, apiVersion } : object,
  });
  return { ...receiver, event: (event) => receiver.event(converted(event)) };
}
