/**
 * Requests that the server refuses, as the Status objects of Kubernetes: messages, reasons and
 * details follow apimachinery pkg/api/errors/errors.go, because clients match on them.
 */

import type { Status, StatusDetails } from '../../../api/object.ts';
import type { Resource } from '../../../api/resources.ts';
import { failure } from '../../../api/status.ts';
import { AnswerError } from '../../../core/answer-error.ts';

export type StatusCause = NonNullable<StatusDetails['causes']>[number];

/** Thrown by request handlers; the server turns it into an answer. */
export class Refusal extends AnswerError {
  readonly status: Status;
  constructor(status: Status) {
    super(status.message ?? '');
    this.status = status;
  }
}

/** `datavolumes.cdi.kubevirt.io`, or `pods` in the core group. */
export function qualifiedResource(resource: Resource): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}

export function success(details?: StatusDetails): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    ...(details === undefined ? {} : { details }),
  };
}

export function notFound(resource: Resource, name: string): Refusal {
  const message = `${qualifiedResource(resource)} "${name}" not found`;
  return new Refusal(failure(404, 'NotFound', message, makeDetails(resource, name)));
}

/** A path below a group of Kubernetes' own that no kind or subresource answers. */
export function noSuchPath(): Refusal {
  const message = 'the server could not find the requested resource';
  return new Refusal(failure(404, 'NotFound', message, {}));
}

export function alreadyExists(resource: Resource, name: string): Refusal {
  const message = `${qualifiedResource(resource)} "${name}" already exists`;
  return new Refusal(failure(409, 'AlreadyExists', message, makeDetails(resource, name)));
}

export function conflict(resource: Resource, name: string, cause: string): Refusal {
  const what = `${qualifiedResource(resource)} "${name}"`;
  const message = `Operation cannot be fulfilled on ${what}: ${cause}`;
  return new Refusal(failure(409, 'Conflict', message, makeDetails(resource, name)));
}

/** 422 with one cause for each wrong field. */
export function invalid(resource: Resource, name: string, causes: readonly StatusCause[]): Refusal {
  const lines = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const text = lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`;
  const kind = resource.group === '' ? resource.kind : `${resource.kind}.${resource.group}`;
  const details = { ...makeKindDetails(resource, name), causes };
  return new Refusal(failure(422, 'Invalid', `${kind} "${name}" is invalid: ${text}`, details));
}

/** How the refusals of a validating or mutating webhook begin (apiserver webhook/errors). */
function deniedBy(webhook: string, why: string): string {
  return `admission webhook "${webhook}" denied the request: ${why}`;
}

/**
 * How a webhook words what it objects to: KubeVirt with commas and a reason for machines, CDI with
 * a space before each and none.
 */
export type RefusalWords = 'joined' | 'listed';

/** 422 of a webhook: the texts of its causes, and no name of kind or object. */
export function invalidByWebhook(
  webhook: string,
  causes: readonly StatusCause[],
  words: RefusalWords = 'joined',
): Refusal {
  const texts = causes.map(({ message }) => message);
  const isJoined = words === 'joined';
  const why = isJoined ? texts.join(', ') : texts.map((text) => ` ${text}`).join('');
  const reason = isJoined ? 'Invalid' : undefined;
  return new Refusal(failure(422, reason, deniedBy(webhook, why), { causes }));
}

/** 422 of a request whose options are wrong: `CreateOptions`, `ListOptions`. */
export function optionsInvalid(kind: string, causes: readonly StatusCause[]): Refusal {
  const lines = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const text = lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`;
  const details = { group: 'meta.k8s.io', kind, causes };
  return new Refusal(
    failure(422, 'Invalid', `${kind}.meta.k8s.io "" is invalid: ${text}`, details),
  );
}

/** 409 of a deletion that meant another object, or another state of it. */
export function preconditionFailed(resource: Resource, name: string, cause: string): Refusal {
  const { kind, group } = resource;
  const what = group === '' ? kind : `${kind}.${group}`;
  const message = `Operation cannot be fulfilled on ${what} "${name}": ${cause}`;
  return new Refusal(failure(409, 'Conflict', message, makeKindDetails(resource, name)));
}

export function fieldInvalid(field: string, value: unknown, detail: string): StatusCause {
  const message = `Invalid value: ${JSON.stringify(value)}: ${detail}`;
  return { reason: 'FieldValueInvalid', message, field };
}

export function fieldForbidden(field: string, detail: string): StatusCause {
  return { reason: 'FieldValueForbidden', message: `Forbidden: ${detail}`, field };
}

export function fieldUnsupported(
  field: string,
  value: unknown,
  supported: readonly string[],
): StatusCause {
  const list = supported.map((each) => `"${each}"`).join(', ');
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`;
  return { reason: 'FieldValueNotSupported', message, field };
}

export function fieldRequired(field: string, detail: string): StatusCause {
  const message = detail === '' ? 'Required value' : `Required value: ${detail}`;
  return { reason: 'FieldValueRequired', message, field };
}

export function badRequest(message: string): Refusal {
  return new Refusal(failure(400, 'BadRequest', message));
}

export function forbidden(
  resource: Resource,
  name: string,
  cause: string,
  causes?: readonly StatusCause[],
): Refusal {
  const message = `${qualifiedResource(resource)} "${name}" is forbidden: ${cause}`;
  const details = { ...makeDetails(resource, name), ...(causes === undefined ? {} : { causes }) };
  return new Refusal(failure(403, 'Forbidden', message, details));
}

export function methodNotAllowed(): Refusal {
  const message = 'the server does not allow this method on the requested resource';
  return new Refusal(failure(405, 'MethodNotAllowed', message, {}));
}

export function unsupportedMediaType(supported: readonly string[]): Refusal {
  const list = supported.join(', ');
  const message =
    'the body of the request was in an unknown format - accepted media types include: ' + list;
  return new Refusal(failure(415, 'UnsupportedMediaType', message));
}

/** 410 of a list whose continue token or exact version is compacted away. */
export function expired(message: string, continueToken?: string): Refusal {
  const status = failure(410, 'Expired', message);
  if (continueToken === undefined) return new Refusal(status);
  return new Refusal({ ...status, metadata: { continue: continueToken } });
}

/** A resourceVersion that the store has not reached (apiserver storage/errors.go). */
export function tooLargeVersion(version: number, current: number): Refusal {
  const message = `Timeout: Too large resource version: ${version}, current: ${current}`;
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  return new Refusal(failure(504, 'Timeout', message, { causes, retryAfterSeconds: 1 }));
}

/** The 410 of a watch, sent as an ERROR event. */
export function tooOldVersion(version: number, oldest: number): Status {
  return failure(410, 'Expired', `too old resource version: ${version} (${oldest})`);
}

export function internalError(message: string): Refusal {
  const causes = [{ message }];
  return new Refusal(
    failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes }),
  );
}

function makeDetails(resource: Resource, name: string): StatusDetails {
  return resource.group === ''
    ? { name, kind: resource.plural }
    : { name, group: resource.group, kind: resource.plural };
}

/** Where a kind is named instead of its resource; what is empty is left out. */
function makeKindDetails({ group, kind }: Resource, name: string): StatusDetails {
  return { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind };
}
