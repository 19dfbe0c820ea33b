/**
 * The request behind each verb, and what its answer means. Names are deterministic, so a request
 * whose answer was lost is asked again: "exists already" and "runs already" are then success, once
 * the object proves to be this run's. Where no answer was lost, "exists already" means that the
 * object is somebody else's, whatever its labels say.
 */

import type { VirtualMachine } from '../api/compute.ts';
import type { KubeObject } from '../api/object.ts';
import { DATA_VOLUMES, type Resource, SNAPSHOTS, VIRTUAL_MACHINES } from '../api/resources.ts';
import { TransportError } from '../api/transport.ts';
import type { Verb } from '../catalogue/verbs.ts';
import { present } from '../core/assert.ts';
import { SECOND } from '../core/duration.ts';
import { ApiError, isAlreadyExists, isNotFound } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { creationQuery, isMadeBy } from '../kube/maker.ts';
import { collectionPath, startStopPath } from '../kube/paths.ts';
import type { PlannedOperation } from '../plan/plan.ts';

export type Answer =
  | { readonly kind: 'accepted'; readonly code: number; readonly uid?: string | undefined }
  | {
      readonly kind: 'rejected';
      readonly code: number;
      readonly reason: string;
      readonly message: string;
    }
  /** Ask again: after a while that the server named, or one of our own choice. */
  | {
      readonly kind: 'retry';
      readonly what: string;
      readonly message: string;
      readonly afterUs?: number;
      /** The request may have been carried out all the same. */
      readonly mayBeDone: boolean;
    };

export interface Ownership {
  /** Labels that all objects of the run carry. */
  readonly labels: Readonly<Record<string, string>>;
  /** The run's own field manager; undefined on a cluster that nobody else can reach. */
  readonly maker: string | undefined;
  /** An earlier request for the operation was left without an answer. */
  readonly mayBeDone: boolean;
  /** UID of an object that the run created. */
  uidOf(operation: PlannedOperation): string | undefined;
}

export const RESOURCE_OF: Readonly<Record<PlannedOperation['kind'], Resource>> = {
  DataVolume: DATA_VOLUMES,
  VolumeSnapshot: SNAPSHOTS,
  VirtualMachine: VIRTUAL_MACHINES,
};

/** One try. Throws only what is a defect of bench. */
export async function ask(
  client: KubeClient,
  operation: PlannedOperation,
  ownership: Ownership,
): Promise<Answer> {
  try {
    return await REQUESTS[operation.verb](client, operation, ownership);
  } catch (error) {
    return classifyError(error);
  }
}

type Ask = (client: KubeClient, operation: PlannedOperation, by: Ownership) => Promise<Answer>;

/** How each verb is asked of the cluster. */
const REQUESTS: Readonly<Record<Verb, Ask>> = {
  create,
  start: changeOurs('start'),
  stop: changeOurs('stop'),
  delete: remove,
};

function changeOurs(verb: 'start' | 'stop'): Ask {
  return async (client, operation, ownership) => {
    if (!(await isKnownOurs(client, operation, ownership))) return notOurs(operation);
    return startOrStop(client, operation, verb);
  };
}

/** What a failed request means for whoever sent it; rethrows what is no failed request. */
export function classifyError(error: unknown): Exclude<Answer, { kind: 'accepted' }> {
  if (error instanceof TransportError) {
    const { message, maybeSent: mayBeDone } = error;
    return { kind: 'retry', what: 'connection', message, mayBeDone };
  }
  if (!(error instanceof ApiError)) throw error;
  const { code, message, retryAfterSeconds } = error;
  const afterUs = retryAfterSeconds === undefined ? {} : { afterUs: retryAfterSeconds * SECOND };
  const refused = { kind: 'retry', message, mayBeDone: false } as const;
  // The transport has asked for new credentials already; whether there are any, time will tell.
  if (code === 401) return { ...refused, what: 'unauthorized' };
  if (code === 429) return { ...refused, what: 'throttled', ...afterUs };
  if (code >= 500) return { ...refused, what: `http${code}`, mayBeDone: true, ...afterUs };
  if (quotaIsBusy(error)) return { ...refused, what: 'quota' };
  return { kind: 'rejected', code, reason: error.reason || `Http${code}`, message };
}

/**
 * A quota that says no has said no; but it may not have been counted yet, or be written to by too
 * many at the same time (apiserver pkg/admission/plugin/resourcequota/controller.go).
 */
function quotaIsBusy({ code, message }: ApiError): boolean {
  if (code === 403) return message.includes('status unknown for quota');
  return code === 409 && message.includes('be fulfilled on resourcequotas');
}

async function create(
  client: KubeClient,
  operation: PlannedOperation,
  ownership: Ownership,
): Promise<Answer> {
  const resource = RESOURCE_OF[operation.kind];
  const body = present(operation.manifest, `manifest of ${operation.name}`)();
  try {
    const path = collectionPath(resource, operation.namespace);
    const query = creationQuery(ownership.maker);
    const response = await client.raw({ method: 'POST', path, body, ...query });
    return { kind: 'accepted', code: response.status, uid: getUid(response.body) };
  } catch (error) {
    if (!isAlreadyExists(error) || !ownership.mayBeDone) throw error;
    const object = await client.get(resource, operation);
    if (isOurs(object, ownership)) {
      return { kind: 'accepted', code: 409, uid: object.metadata.uid };
    }
    throw error;
  }
}

async function startOrStop(
  client: KubeClient,
  operation: PlannedOperation,
  verb: 'start' | 'stop',
): Promise<Answer> {
  if (operation.via === 'patch') return patch(client, operation);
  try {
    const path = startStopPath(operation, verb);
    const response = await client.raw({ method: 'PUT', path, body: {} });
    return { kind: 'accepted', code: response.status };
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 409) throw error;
    const vm = await client.get(VIRTUAL_MACHINES, operation);
    if (isAsked(vm, verb)) return { kind: 'accepted', code: 409 };
    return { kind: 'retry', what: 'conflict', message: error.message, mayBeDone: true };
  }
}

/** A merge patch says where to end, not what to do: asked twice, it does the same. */
async function patch(client: KubeClient, operation: PlannedOperation): Promise<Answer> {
  const body = present(operation.patch, `patch of ${operation.name}`);
  await client.patch(VIRTUAL_MACHINES, operation, body);
  return { kind: 'accepted', code: 200 };
}

/** The VM's spec already says what the verb asks for. */
function isAsked({ spec }: VirtualMachine, verb: 'start' | 'stop'): boolean {
  const halted = spec.running === false || spec.runStrategy === 'Halted';
  const running = spec.running === true || spec.runStrategy === 'Always';
  return verb === 'start' ? running : halted;
}

async function remove(
  client: KubeClient,
  operation: PlannedOperation,
  ownership: Ownership,
): Promise<Answer> {
  const resource = RESOURCE_OF[operation.kind];
  try {
    const uid = ownership.uidOf(operation) ?? (await ownUid(client, operation, ownership));
    if (uid === undefined) return notOurs(operation);
    await client.remove(resource, operation, { uid });
    return { kind: 'accepted', code: 200 };
  } catch (error) {
    if (isNotFound(error)) return { kind: 'accepted', code: 404 };
    throw error;
  }
}

/** What was never created by this run is neither started nor stopped. */
async function isKnownOurs(
  client: KubeClient,
  operation: PlannedOperation,
  ownership: Ownership,
): Promise<boolean> {
  if (ownership.uidOf(operation) !== undefined) return true;
  return (await ownUid(client, operation, ownership)) !== undefined;
}

function notOurs({ kind, name }: PlannedOperation): Answer {
  const message = `${kind} ${name} was not made by this run`;
  return { kind: 'rejected', code: 409, reason: 'NotOurs', message };
}

async function ownUid(
  client: KubeClient,
  operation: PlannedOperation,
  ownership: Ownership,
): Promise<string | undefined> {
  const object = await client.get(RESOURCE_OF[operation.kind], operation);
  return isOurs(object, ownership) ? object.metadata.uid : undefined;
}

/** Carries the labels, which anybody can copy, and was made under our own name. */
function isOurs(
  { metadata }: KubeObject,
  { labels, maker }: Pick<Ownership, 'labels' | 'maker'>,
): boolean {
  const isLabelled = Object.entries(labels).every(
    ([key, value]) => metadata.labels?.[key] === value,
  );
  return isLabelled && (maker === undefined || isMadeBy(metadata, maker));
}

function getUid(body: unknown): string | undefined {
  return (body as KubeObject | undefined)?.metadata?.uid;
}
