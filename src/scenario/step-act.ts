/** `act`: something done to what an earlier step made, or to any objects that are there. */

import { z } from 'zod';
import { type Action, ACTION_FIELDS, actionFacts, actionWord } from '../catalogue/actions.ts';
import { count, label } from '../core/values.ts';
import { actionFields, actionsIn, undoingFields } from './action-fields.ts';
import type { Path } from './path.ts';
import type { Report } from './problem.ts';
import type { ActStep, ActTarget, MakingStep, Step } from './scenario.ts';
import { budgets, name, wave } from './step-fields.ts';
import {
  CREATES_NOTHING,
  defineStep,
  settleWaves,
  type StepPlace,
  type StepState,
} from './step-kind.ts';
import { checkKnown } from './suggest.ts';
import {
  apiVersion,
  checkOfEach,
  fails,
  kind,
  type Readiness,
  resolveFails,
  resolveUntil,
  saysReady,
  until,
  type UntilDocument,
} from './until.ts';

const target = z.strictObject({
  step: z.string().min(1).optional().describe('Name of the step that made the objects.'),
  apiVersion: apiVersion.optional(),
  kind: kind.optional().describe('With a step: what goes with each of its objects by name.'),
  name: z.string().min(1).optional().describe('Its name. With a step, default: {{name}}.'),
  names: z.array(z.string().min(1)).min(1).optional(),
  labels: z.string().min(1).optional().describe('All that a label selector finds then.'),
  fields: z.string().min(1).optional().describe('The same by a field selector.'),
  namespace: z
    .union([label, z.literal('*')])
    .optional()
    .describe("Without a step. Default: the run's; *: all."),
});

const schema = z.strictObject({
  name: name.optional(),
  on: z
    .union([z.string().min(1), target])
    .describe('Name of the step whose objects it is done to, or which objects there are.'),
  count: count.optional().describe('The first so many of them. Default: all.'),
  ...actionFields,
  undo: z
    .strictObject(undoingFields)
    .optional()
    .describe('Done to the same objects where the run ends before its last step.'),
  until: until.optional().describe('What ends an operation. Default: that it is done.'),
  fails,
  wave: wave('act').prefault({}),
  ...budgets,
});

type Document = z.output<typeof schema>;

export const act = defineStep({
  schema,
  name: (document: Document) => {
    const { step, kind: what, name: one } = onIn(document);
    const on = step ?? [what, one].filter(Boolean).join(' ');
    const [first] = actionsIn(document);
    return `${first === undefined ? 'act' : actionWord(first[1], first[0])} ${on}`;
  },
  resolve,
  ...CREATES_NOTHING,
});

function onIn({ on }: Document): z.output<typeof target> {
  return typeof on === 'string' ? { step: on } : on;
}

function resolve(document: Document, { name: called, path }: StepPlace, state: StepState): ActStep {
  const on = onIn(document);
  const at = [...path, 'on'];
  const found =
    on.step === undefined
      ? foundObjects(on, document.count, at, state.report)
      : madeObjects(on, document, path, state);
  const known = found.on === 'selection' ? undefined : found.count;
  const action = resolveAction(document, path, state.report);
  const asked = document.until ?? 'exists';
  if (document.until === undefined && actionFacts(action).shownBy === 'nothing') {
    const remedy = 'say what has to become true: a condition, or a jsonpath';
    state.report(path, 'does not say what it waits for', remedy, 'key');
  }
  if (document.taint !== undefined && on.kind !== 'Node') {
    const message = `taints a ${on.kind ?? 'what the step made'}`;
    state.report([...path, 'taint'], message, 'only a Node has taints', 'key');
  }
  return {
    kind: 'act',
    name: called,
    target: found,
    action,
    undo: document.undo && resolveAction(document.undo, [...path, 'undo'], state.report),
    goals: resolveUntil(asked, [...path, 'until'], state.report, noRecipe(asked, path, state)),
    failConditions: resolveFails(document.fails, [...path, 'fails'], state.report),
    waves: settleWaves('act', document, known ?? found.count, path, state),
  };
}

/** What has been done to an object is not what its kind is ready by. */
function noRecipe(asked: UntilDocument, path: Path, { report }: StepState): Readiness {
  if (saysReady(asked)) {
    const remedy = 'say what has to become true: a condition, or a jsonpath';
    report([...path, 'until'], 'ready is for apply', remedy);
  }
  return { goals: [EXISTS], fails: [] };
}

const EXISTS = { exists: true } as const;

/** More objects than this are not acted on by one selection, unless `count` says so. */
const SELECTED_MOST = 1000;

/** What the file names, or what a selector will find. */
function foundObjects(
  on: z.output<typeof target>,
  count: number | undefined,
  path: Path,
  report: Report,
): ActTarget {
  const { apiVersion: version, kind: what, name: one, names, labels, fields } = on;
  if (what === undefined) report(path, 'names neither step nor kind', 'name one of them', 'key');
  const of = { apiVersion: version, kind: what ?? '' };
  const listed = names ?? (one === undefined ? undefined : [one]);
  const isSelected = labels !== undefined || fields !== undefined;
  if (listed !== undefined && (isSelected || (names && one))) {
    report(path, 'says twice which objects', 'give name, names, or labels and fields', 'key');
  }
  const { namespace } = on;
  if (listed !== undefined) {
    return { on: 'names', of, names: listed, namespace, count: count ?? listed.length };
  }
  return { on: 'selection', of, labels, fields, namespace, count: count ?? SELECTED_MOST };
}

function madeObjects(
  on: z.output<typeof target>,
  document: Document,
  path: Path,
  state: StepState,
): ActTarget {
  const at = typeof document.on === 'string' ? [...path, 'on'] : [...path, 'on', 'step'];
  for (const field of ['names', 'labels', 'fields', 'namespace'] as const) {
    if (on[field] === undefined) continue;
    const message = `${field} stands beside step`;
    state.report([...path, 'on', field], message, 'remove one of them', 'key');
  }
  const makers = state.done.filter(isMaking);
  const names = makers.map((maker) => maker.name);
  checkKnown(on.step ?? '', names, 'step that makes objects', at, state.report);
  const step = makers.find((maker) => maker.name === on.step);
  const there = step === undefined ? 0 : objectsOf(step);
  const { count: asked = there } = document;
  if (step !== undefined && asked > there) {
    const message = `asks for ${asked} objects: ${JSON.stringify(step.name)} makes ${there}`;
    state.report([...path, 'count'], message, `use ${there} or less`);
  }
  const { apiVersion: version, kind: what, name: called = '{{name}}' } = on;
  const other =
    what === undefined
      ? undefined
      : { apiVersion: version, kind: what, name: called, namespace: undefined };
  return { on: 'step', step, other, count: asked };
}

function isMaking(step: Step): step is MakingStep {
  return ['clone', 'deploy', 'boot', 'apply'].includes(step.kind);
}

function objectsOf(step: MakingStep): number {
  if (step.kind === 'clone') return step.arms.reduce((sum, arm) => sum + arm.count, 0);
  if (step.kind === 'apply') return step.manifests.length * step.count;
  return step.targets.reduce((sum, { indices }) => sum + indices.length, 0);
}

function resolveAction(
  document: Parameters<typeof actionsIn>[0],
  path: Path,
  report: Report,
): Action {
  const actions = actionsIn(document);
  const [first] = actions;
  if (first === undefined || actions.length > 1) {
    const message = first === undefined ? 'does nothing' : 'does several things';
    const remedy = `give exactly one of ${ACTION_FIELDS.join(', ')}`;
    report(path, message, remedy, 'key');
  }
  const action = first?.[1] ?? { do: 'patch', patch: {} };
  checkOfEach(JSON.stringify(action), path, report);
  return action;
}
