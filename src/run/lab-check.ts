/**
 * Is a lab there, and well? Each object that a scenario leaves behind is looked at once, by the
 * words that its steps wait for. Nothing is created and nothing is waited for, so what is on its
 * way is told from what is stuck only where the object says so.
 */

import type { KubeObject } from '../api/object.ts';
import type { Resource } from '../api/resources.ts';
import { find } from '../cluster/check.ts';
import { findRecipe, type Recipe } from '../catalogue/recipes.ts';
import type { FailCondition, Goal, KindName, OtherObject } from '../catalogue/tests.ts';
import type { KubeClient } from '../kube/client.ts';
import { findKind } from '../kube/find-kind.ts';
import { listAll } from '../kube/list-all.ts';
import { NO_FAILURE } from '../observe/step-watch.ts';
import { testHolds, predicateReader } from '../observe/predicate.ts';
import type { Plan, PlannedOperation, StepAsks, WaveStep } from '../plan/plan.ts';
import { fillPlaceholders } from '../plan/step-until.ts';
import { resolveFails } from '../scenario/until.ts';
import { firstDifference } from './first-difference.ts';

/** `waits`: on its way, as far as anybody can tell; `stuck`: it says itself what is wrong. */
export type LabState = 'ready' | 'missing' | 'differs' | 'waits' | 'stuck';

export interface LabFinding {
  readonly step: string;
  /** `Subscription openshift-cnv/hco-operatorhub`. */
  readonly object: string;
  readonly state: LabState;
  /** What is missing, different, waited for or wrong; absent where it is ready. */
  readonly found?: string;
  readonly remedy?: string;
}

/** Of all objects that are to stay, in the order of the steps. Throws ApiError, TransportError. */
export async function checkLab(client: KubeClient, plan: Plan): Promise<readonly LabFinding[]> {
  const room: Room = { client, kinds: new Map() };
  const findings: LabFinding[] = [];
  for (const step of plan.steps) {
    if (step.kind === 'pause' || step.asks === undefined) continue;
    // One after the other: a server is asked a few hundred small questions, and not all at once.
    for (const operation of await operationsOf(room, step)) {
      findings.push(await checkObject(room, step, step.asks, operation));
    }
  }
  return findings;
}

interface Room {
  readonly client: KubeClient;
  readonly kinds: Map<string, Promise<Resource | undefined>>;
}

function kindOf({ client, kinds }: Room, { apiVersion, kind }: KindName) {
  const key = `${apiVersion} ${kind}`;
  const found = kinds.get(key) ?? findKind(client, { apiVersion, kind });
  kinds.set(key, found);
  return found;
}

/** Those on what stays; of a selection, on what is there now, or on one that nobody finds. */
async function operationsOf(room: Room, step: WaveStep): Promise<readonly PlannedOperation[]> {
  const { select } = step;
  const listed = (waves: WaveStep['waves']) => waves.flatMap(({ operations }) => operations);
  if (select === undefined) {
    return listed(step.waves).filter(({ verb, keep }) => verb === 'act' || keep);
  }
  const { of, labels, fields, namespace } = select;
  const found = await listObjects(room, { ...of, namespace, labels, fields });
  const places = found.map(({ metadata }) => ({
    namespace: metadata.namespace ?? '',
    name: metadata.name,
  }));
  if (places.length > 0) return listed(select.waves(places.slice(0, select.most)));
  const sought = { namespace: namespace ?? '', name: labels ?? fields ?? 'any' };
  return listed(select.waves([sought]));
}

interface Sought extends KindName {
  readonly namespace: string | undefined;
  readonly labels: string | undefined;
  readonly fields?: string | undefined;
}

async function listObjects(room: Room, sought: Sought): Promise<readonly KubeObject[]> {
  const resource = await kindOf(room, sought);
  if (resource === undefined) return [];
  const { namespace, labels, fields } = sought;
  return listAll(room.client, resource, {
    ...(resource.namespaced && namespace !== undefined ? { namespace } : {}),
    ...(labels === undefined ? {} : { labelSelector: labels }),
    ...(fields === undefined ? {} : { fieldSelector: fields }),
  });
}

type Place = Pick<PlannedOperation, 'apiVersion' | 'kind' | 'namespace' | 'name' | 'index'>;

/** Undefined where it is not there, or its kind is not served. */
async function read(room: Room, place: Place): Promise<KubeObject | undefined> {
  const resource = await kindOf(room, { apiVersion: place.apiVersion, kind: place.kind });
  if (resource === undefined) return undefined;
  const namespace = resource.namespaced ? place.namespace : undefined;
  return find(room.client, resource, { namespace, name: place.name });
}

async function checkObject(
  room: Room,
  step: WaveStep,
  asks: StepAsks,
  operation: PlannedOperation,
): Promise<LabFinding> {
  const object = await read(room, operation);
  const about = { step: step.name, object: await describe(room, operation) };
  if (object === undefined)
    return { ...about, state: 'missing', ...(await whyMissing(room, operation)) };
  const unmet: Goal[] = [];
  for (const goal of asks.goals) {
    if (!(await isMet(room, goal, operation, object))) unmet.push(goal);
  }
  const [first] = unmet;
  if (first !== undefined) {
    const trouble = await findTrouble(room, asks.failConditions, operation, object);
    if (trouble !== undefined) return { ...about, state: 'stuck', ...trouble };
  }
  const wanted = operation.plain?.() ?? patchIn(operation);
  const difference = firstDifference(wanted, object);
  if (difference !== undefined) return { ...about, state: 'differs', found: difference };
  if (first === undefined) return { ...about, state: 'ready' };
  return { ...about, state: 'waits', found: `waiting for ${await tallied(room, first)}` };
}

async function describe(room: Room, { apiVersion, kind, namespace, name }: Place) {
  const resource = await kindOf(room, { apiVersion, kind });
  const isInOne = resource?.namespaced ?? namespace !== '';
  return `${kind} ${isInOne ? `${namespace}/` : ''}${name}`;
}

async function whyMissing(room: Room, { apiVersion, kind }: Place) {
  const resource = await kindOf(room, { apiVersion, kind });
  return resource === undefined
    ? { found: `the server serves no ${kind}`, remedy: 'its operator is not installed yet' }
    : { found: 'is not there' };
}

function patchIn({ action }: PlannedOperation): unknown {
  return action?.do === 'patch' ? action.patch : {};
}

async function isMet(
  room: Room,
  { test, of, tally }: Goal,
  operation: PlannedOperation,
  object: KubeObject,
): Promise<boolean> {
  if (tally !== undefined) return (await countOf(room, { test, tally })) === tally.is;
  const about = of === undefined ? object : await read(room, placeOf(of, operation));
  if (test.is === 'gone') return about === undefined;
  return about !== undefined && testHolds(test)(about);
}

function placeOf(of: OtherObject, operation: PlannedOperation): Place {
  const namespace = of.namespace ?? operation.namespace;
  return { ...of, namespace, name: fillPlaceholders(of.name, operation) };
}

async function countOf(
  room: Room,
  { test, tally }: { readonly test: Goal['test']; readonly tally: NonNullable<Goal['tally']> },
): Promise<number> {
  const found = await listObjects(room, tally);
  return found.filter(testHolds(test)).length;
}

/** `OSDs (106 of 108)`. */
async function tallied(room: Room, { name, test, tally }: Goal): Promise<string> {
  if (tally === undefined) return name;
  return `${name} (${await countOf(room, { test, tally })} of ${tally.is})`;
}

interface Trouble {
  readonly found: string;
  readonly remedy?: string;
}

/** First what makes it useless to wait, then what may pass. */
async function findTrouble(
  room: Room,
  failConditions: readonly FailCondition[],
  operation: PlannedOperation,
  object: KubeObject,
): Promise<Trouble | undefined> {
  const recipe = findRecipe(object.apiVersion ?? operation.apiVersion ?? '', operation.kind);
  const signs = [
    ...signsOf(recipe),
    ...failConditions.map((sign) => ({ sign, remedy: undefined })),
  ];
  for (const { sign, remedy } of signs) {
    if (sign.test.is === 'event') continue;
    const about = sign.of === undefined ? object : await read(room, placeOf(sign.of, operation));
    const predicate = predicateReader({ change: '', test: sign.test, isFailure: true });
    const said = about === undefined ? NO_FAILURE : predicate(about);
    if (said === NO_FAILURE) continue;
    return { found: `${sign.name}: ${said}`, ...(remedy === undefined ? {} : { remedy }) };
  }
  return undefined;
}

function signsOf(recipe: Recipe | undefined) {
  const signs = [...(recipe?.fails ?? []), ...(recipe?.signs ?? [])];
  return signs.flatMap(({ remedy, ...words }) => {
    const of = words.of && { ...words.of, namespace: undefined };
    const asked = [{ ...words, of }] as Parameters<typeof resolveFails>[0];
    return resolveFails(asked, [], () => {}).map((sign) => ({ sign, remedy }));
  });
}
