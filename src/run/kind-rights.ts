/** Which rights a plan needs on the kinds that its scenario names, before anything is done. */

import { type Action, actionFacts } from '../catalogue/actions.ts';
import type { KindName } from '../catalogue/tests.ts';
import type { KindRight } from '../cluster/kind-rights.ts';
import type { Plan, PlannedOperation, WaveStep } from '../plan/plan.ts';

/** Each once, in the order of the steps. */
export function kindRights({ steps }: Plan): readonly KindRight[] {
  const rights = steps.flatMap((step) => (step.kind === 'pause' ? [] : rightsOf(step)));
  return [...new Map(rights.map((right) => [JSON.stringify(right), right])).values()];
}

/** Objects of a step are found out about by list and watch, whoever they belong to. */
const SEEN = ['list', 'watch'];

function rightsOf({ asks, select, waves }: WaveStep): readonly KindRight[] {
  if (asks === undefined) return [];
  const operations = waves.flatMap((wave) => wave.operations);
  const others = [...asks.goals, ...asks.failConditions].flatMap(({ of }) => of ?? []);
  const namespaces = [...new Set(operations.map(({ namespace }) => namespace))];
  const isTold = asks.failConditions.some(({ test }) => test.is === 'event');
  const [action] = select === undefined ? [] : select.waves([SAMPLE]).flatMap((w) => w.operations);
  return [
    ...operations.flatMap(operationRights),
    ...(action === undefined || select === undefined
      ? []
      : operationRights({ ...action, ...select.of }).map((right) => {
          return { ...right, namespace: select.namespace };
        })),
    ...others.flatMap((of) => {
      const places = of.namespace === undefined ? namespaces : [of.namespace];
      return places.map((namespace) => right(of, SEEN, namespace));
    }),
    ...(isTold ? namespaces.map((namespace) => right(EVENTS_NAMED, SEEN, namespace)) : []),
    ...asks.goals.flatMap(({ tally }) => (tally ? [right(tally, SEEN, tally.namespace)] : [])),
  ];
}

const EVENTS_NAMED = { apiVersion: 'v1', kind: 'Event' };

const SAMPLE = { namespace: '', name: 'any' };

function operationRights(operation: PlannedOperation): readonly KindRight[] {
  const { verb, action, undo, namespace } = operation;
  const seen = right(operation, SEEN, namespace);
  if (verb === 'apply') {
    const change = right(operation, ['patch'], namespace);
    if (operation.keep) return [change, right(operation, ['create'], namespace), seen];
    const lost = 'an object that is there already cannot be changed';
    return [right(operation, ['create', 'get', 'delete'], namespace), { ...change, lost }, seen];
  }
  if (action === undefined) return [];
  // Were a right missing to undo it, that would be found out when it is too late.
  const done = undo === undefined ? [action] : [action, undo];
  return [...done.flatMap((each) => actionRight(operation, each)), seen];
}

function actionRight(operation: PlannedOperation, action: Action): readonly KindRight[] {
  const { verbs, subresource } = actionFacts(action).needs(action);
  return verbs.length === 0 ? [] : [right(operation, verbs, operation.namespace, subresource)];
}

function right(
  { apiVersion, kind }: Pick<PlannedOperation, 'apiVersion' | 'kind'> | KindName,
  verbs: readonly string[],
  namespace: string | undefined,
  subresource?: string,
): KindRight {
  return { apiVersion, kind, verbs, subresource, namespace, lost: undefined };
}
