/**
 * The request behind each verb, and what its answer means. Names are deterministic, so a request
 * whose answer was lost is asked again: "exists already" and "runs already" are then success, once
 * the object proves to be this run's. Where no answer was lost, "exists already" means that the
 * object is somebody else's, whatever its labels say.
 */

import type { VirtualMachine } from '../api/compute.ts';
import type { KubeObject } from '../api/object.ts';
import { type Resource, VIRTUAL_MACHINES } from '../api/resources.ts';
import { actionFacts } from '../catalogue/actions.ts';
import type { Verb } from '../catalogue/verbs.ts';
import { present } from '../core/assert.ts';
import { ApiError, isAlreadyExists, isNotFound } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { creationQuery, isMadeBy, OLD_MAKER } from '../kube/maker.ts';
import { collectionPath, subresourcePath } from '../kube/paths.ts';
import type { PlannedOperation } from '../plan/plan.ts';
import { type Answer, classifyError } from './answer.ts';
import { askAction } from './action-requests.ts';
import { applyOver, type Ref, objectRef } from './any-object.ts';
import type { RunExternal } from './external.ts';

export interface Ownership {
  /** Labels that all objects of the run carry. */
  readonly labels: Readonly<Record<string, string>>;
  /** The run's own field manager; undefined on a cluster that nobody else can reach. */
  readonly maker: string | undefined;
  /** An earlier request for the operation was left without an answer, or may have been. */
  readonly mayBeDone: boolean;
  /** Where objects of a kind live. */
  resourceOf(kind: string): Resource;
  /** Programs of the user's; undefined where none may be run. */
  readonly external: RunExternal | undefined;
  /** UID of an object that the run created. */
  uidOf(operation: PlannedOperation): string | undefined;
  /** Whether an object of that UID was seen to be deleted. */
  isGone(uid: string): boolean;
}

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
  apply,
  act,
};

function changeOurs(verb: 'start' | 'stop'): Ask {
  return async (client, operation, ownership) => {
    if (!(await isKnownOurs(client, operation, ownership))) return notOurs(operation);
    return startOrStop(client, operation, verb);
  };
}

async function create(
  client: KubeClient,
  operation: PlannedOperation,
  ownership: Ownership,
): Promise<Answer> {
  const resource = ownership.resourceOf(operation.kind);
  const body = present(operation.manifest, `manifest of ${operation.name}`)();
  try {
    return await post(client, collectionPath(resource, operation.namespace), body, ownership);
  } catch (error) {
    if (!isAlreadyExists(error) || !ownership.mayBeDone) throw error;
    const object = await client.get(resource, operation);
    if (isOurs(object, ownership)) {
      return { kind: 'accepted', code: 409, uid: object.metadata.uid };
    }
    throw error;
  }
}

/**
 * Created where it is not there: that is the proof of whose it is. What is there already, and is
 * not this run's, is changed by a server-side apply of what the manifest says, and stays theirs.
 */
async function apply(
  client: KubeClient,
  operation: PlannedOperation,
  ownership: Ownership,
): Promise<Answer> {
  const resource = ownership.resourceOf(operation.kind);
  const ref = objectRef(resource, operation);
  if (operation.keep) return applyPlain(client, operation, KEEPER, ownership);
  const body = inPlace(present(operation.manifest, `manifest of ${operation.name}`)(), ref);
  try {
    return await post(client, collectionPath(resource, ref.namespace), body, ownership);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const object = await client.get(resource, ref);
    if (ownership.mayBeDone && isOurs(object, ownership)) {
      return { kind: 'accepted', code: 409, uid: object.metadata.uid };
    }
    return applyPlain(client, operation, ownership.maker ?? OLD_MAKER, ownership);
  }
}

/** The field manager of what is to stay: the same in all runs, so that none is in another's way. */
const KEEPER = 'bench';

/** Creates it where it is not there; asked twice, it does the same. */
async function applyPlain(
  client: KubeClient,
  operation: PlannedOperation,
  maker: string,
  { resourceOf }: Ownership,
): Promise<Answer> {
  const resource = resourceOf(operation.kind);
  const ref = objectRef(resource, operation);
  const plain = inPlace(present(operation.plain, `manifest of ${operation.name}`)(), ref);
  return applyOver(client, resource, ref, plain, { maker, force: operation.force ?? false });
}

/** A creation under the run's own field manager, which proves it to be the run's. */
async function post(
  client: KubeClient,
  path: string,
  body: KubeObject,
  { maker }: Ownership,
): Promise<Answer> {
  const response = await client.raw({ method: 'POST', path, body, ...creationQuery(maker) });
  const { status: code, answeredSeconds } = response;
  return { kind: 'accepted', code, uid: getUid(response.body), answeredSeconds };
}

/** With the namespace of the run, or with none where its kind lives in none. */
function inPlace(object: KubeObject, { namespace }: Ref): KubeObject {
  const { namespace: _, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: { ...metadata, ...(namespace === undefined ? {} : { namespace }) },
  };
}

/** Only what the run created is deleted; anything else may be done to what the scenario names. */
async function act(
  client: KubeClient,
  operation: PlannedOperation,
  ownership: Ownership,
): Promise<Answer> {
  const resource = ownership.resourceOf(operation.kind);
  const action = present(operation.action, `action on ${operation.name}`);
  const { shownBy, isDoneByConflict } = actionFacts(action);
  const ref = objectRef(resource, operation);
  const { external, mayBeDone } = ownership;
  const onlyOurs = () => remove(client, operation, ownership);
  try {
    const answer = await askAction({ client, resource, ref, external, remove: onlyOurs }, action);
    if (answer.kind !== 'accepted' || shownBy !== 'look') return answer;
    return { ...answer, shown: await shownAfter(client.get(resource, ref)) };
  } catch (error) {
    const isAsked = mayBeDone && isDoneByConflict;
    if (isAsked && error instanceof ApiError && error.code === 409) {
      return { kind: 'accepted', code: 202 };
    }
    throw error;
  }
}

/** What cannot be looked at shows nothing: that is no reason to run a program again. */
async function shownAfter(look: Promise<KubeObject>): Promise<KubeObject | 'gone' | undefined> {
  try {
    return await look;
  } catch (error) {
    return isNotFound(error) ? 'gone' : undefined;
  }
}

async function startOrStop(
  client: KubeClient,
  operation: PlannedOperation,
  verb: 'start' | 'stop',
): Promise<Answer> {
  if (operation.via === 'patch') return patch(client, operation);
  try {
    const path = subresourcePath(VIRTUAL_MACHINES, operation, verb);
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
  const resource = ownership.resourceOf(operation.kind);
  try {
    const uid = ownership.uidOf(operation) ?? (await ownUid(client, operation, ownership));
    if (uid === undefined) return notOurs(operation);
    await client.remove(resource, objectRef(resource, operation), { uid });
    return { kind: 'accepted', code: 200 };
  } catch (error) {
    if (isNotFound(error)) return { kind: 'accepted', code: 404, shown: 'gone' };
    throw error;
  }
}

/** What was never created by this run is neither started nor stopped. */
async function isKnownOurs(
  client: KubeClient,
  operation: PlannedOperation,
  ownership: Ownership,
): Promise<boolean> {
  const known = ownership.uidOf(operation);
  // Where ours has gone, another may bear its name, and no request to start names a UID.
  if (known !== undefined && !ownership.isGone(known)) return true;
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
  const resource = ownership.resourceOf(operation.kind);
  const object = await client.get(resource, objectRef(resource, operation));
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
