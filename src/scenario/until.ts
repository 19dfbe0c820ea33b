/** `until` and `fails` of a step: what is waited for, in the words of `kubectl wait`. */

import { z } from 'zod';
import type {
  Goal,
  KindName,
  FailCondition,
  OtherObject,
  Tally,
  Test,
} from '../catalogue/tests.ts';
import { testText } from '../catalogue/tests.ts';
import { compileJsonPath } from '../core/json-path.ts';
import { label } from '../core/values.ts';
import type { Path } from './path.ts';
import { guestFields, guestTests } from './guest-goal.ts';
import { namesIn } from './placeholder.ts';
import type { Report } from './problem.ts';
import { suggest } from './suggest.ts';

export const apiVersion = z
  .string()
  .regex(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?v[a-z0-9]+$/)
  .meta({ title: 'group/version', examples: ['v1', 'kubevirt.io/v1'] });

export const kind = z
  .string()
  .regex(/^[A-Z][A-Za-z0-9]*$/)
  .meta({ title: 'kind', examples: ['VirtualMachineInstance'] });

const condition = z
  .string()
  .regex(/^[^=\s]+(=[A-Za-z]+)?$/)
  .meta({ title: 'condition', examples: ['Available=True'] })
  .describe('A condition of the status has this value; True where none is given.');

const jsonpath = z
  .string()
  .regex(/^\{[^{}]+\}(!?=.+)?$/)
  .meta({ title: 'JSONPath', examples: ['{.status.phase}=Ready'] })
  .describe('A field has this value; with != another one; any where none is given.');

const event = z
  .string()
  .regex(/^[A-Z][A-Za-z0-9]*$/)
  .meta({ title: 'reason', examples: ['FailedMount'] })
  .describe('Somebody says this reason of it in an Event, from now on.');

const other = z
  .strictObject({
    apiVersion: apiVersion.optional(),
    kind,
    name: z.string().min(1).default('{{name}}').describe('Default: as the object itself.'),
    namespace: label.optional(),
  })
  .describe('Another object than the one that the step is about.');

const tally = z.strictObject({
  apiVersion: apiVersion.optional(),
  kind,
  namespace: label.optional().describe('Default: all.'),
  labels: z.string().min(1).optional().describe('A label selector.'),
  condition: condition.optional(),
  jsonpath: jsonpath.optional(),
  is: z.int().min(0).max(1_000_000).describe('So many of them.'),
});

const goal = z.strictObject({
  name: z.string().min(1).max(60).optional().describe('Names the stage. Default: the condition.'),
  condition: condition.optional(),
  jsonpath: jsonpath.optional(),
  exists: z.literal(true).optional(),
  gone: z.literal(true).optional(),
  ...guestFields,
  count: tally.optional().describe('So many objects of a kind are so.'),
  of: other.optional(),
});

const word = z.enum(['exists', 'gone', 'ready']).meta({
  description: 'ready: all that its kind needs, where bench knows the kind.',
});

export const until = z
  .union([word, goal, z.array(z.union([word, goal])).min(1)])
  .describe('What ends an operation, as in kubectl wait; of a list, one after the other.');

export const fails = z
  .array(
    z.strictObject({
      condition: condition.optional(),
      jsonpath: jsonpath.optional(),
      event: event.optional(),
      of: other.optional(),
    }),
  )
  .default([])
  .describe('What makes it useless to wait any longer.');

export type UntilDocument = z.output<typeof until>;
type GoalDocument = z.output<typeof goal>;
type FailsDocument = z.output<typeof fails>;

/** What `ready` stands for: of a kind that bench knows. */
export interface Readiness {
  readonly goals: readonly GoalDocument[];
  readonly fails: FailsDocument;
}

export function saysReady(document: UntilDocument): boolean {
  return Array.isArray(document) ? document.includes('ready') : document === 'ready';
}

/** All stages; `report` hears of each that says nothing, or several things. */
export function resolveUntil(
  document: UntilDocument,
  path: Path,
  report: Report,
  ready?: Readiness,
): readonly Goal[] {
  const isList = Array.isArray(document);
  const list = isList ? document : [document];
  const taken = new Set<string>();
  const goals = list.flatMap((each, i) => {
    const at = isList ? [...path, i] : path;
    if (each === 'ready') return (ready?.goals ?? []).map((goal) => [goal, at] as const);
    return [[each, at] as const];
  });
  return goals.map(([each, at]) => {
    const made = typeof each === 'string' ? plain(each) : resolveGoal(each, at, report);
    if (taken.has(made.name)) {
      report(at, `duplicate name ${JSON.stringify(made.name)}`, 'give each stage its own name');
    }
    taken.add(made.name);
    return made;
  });
}

export function resolveFails(
  document: FailsDocument,
  path: Path,
  report: Report,
): readonly FailCondition[] {
  return document.map((each, i) => {
    const test = testIn(each, [...path, i], report);
    return { name: testText(test), test, of: otherIn(each.of, [...path, i, 'of'], report) };
  });
}

function plain(is: 'exists' | 'gone'): Goal {
  return { name: is, test: { is }, of: undefined, tally: undefined };
}

function resolveGoal(document: GoalDocument, path: Path, report: Report): Goal {
  const { count, exists, gone } = document;
  if (count !== undefined) return countGoal(document, count, path, report);
  const ofGuest = guestTests(document, path, report);
  const test = testIn(document, path, report, [
    ...(exists ? [{ is: 'exists' } as const] : []),
    ...(gone ? [{ is: 'gone' } as const] : []),
    ...ofGuest,
  ]);
  const other = otherIn(document.of, [...path, 'of'], report);
  if (ofGuest.length > 0 && other !== undefined && other.kind !== INSTANCE.kind) {
    const message = `a ${other.kind} has no guest`;
    report([...path, 'of', 'kind'], message, `only a ${INSTANCE.kind} has`);
  }
  const of = ofGuest.length > 0 ? (other ?? INSTANCE) : other;
  return { name: document.name ?? stageName(test, of), test, of, tally: undefined };
}

/** Whose guest it is, where nothing else is said: the instance of the same name. */
const INSTANCE: OtherObject = {
  apiVersion: undefined,
  kind: 'VirtualMachineInstance',
  name: '{{name}}',
  namespace: undefined,
};

function countGoal(
  document: GoalDocument,
  count: z.output<typeof tally>,
  path: Path,
  report: Report,
): Goal {
  const { name: _, count: __, ...others } = document;
  const beside = Object.entries(others);
  const [field] = beside.find(([, value]) => value !== undefined) ?? [];
  if (field !== undefined) {
    report([...path, field], `${field} stands beside count`, 'write it into count', 'key');
  }
  const isPlain = count.condition === undefined && count.jsonpath === undefined;
  const test: Test = isPlain ? { is: 'exists' } : testIn(count, [...path, 'count'], report);
  const { kind: what, is, namespace, labels } = count;
  const counted: Tally = { apiVersion: count.apiVersion, kind: what, namespace, labels, is };
  const name = document.name ?? `${is} ${what}${isPlain ? '' : ` ${testText(test)}`}`;
  return { name, test, of: undefined, tally: counted };
}

function stageName(test: Test, of: KindName | undefined): string {
  return of === undefined ? testText(test) : `${of.kind} ${testText(test)}`;
}

interface TestFields {
  readonly condition?: string | undefined;
  readonly jsonpath?: string | undefined;
  readonly event?: string | undefined;
}

function testIn(fields: TestFields, path: Path, report: Report, words: readonly Test[] = []): Test {
  const { condition: text, jsonpath: way, event: reason } = fields;
  const given: Test[] = [
    ...(text === undefined ? [] : [conditionTest(text)]),
    ...(way === undefined ? [] : [pathTest(way, [...path, 'jsonpath'], report)]),
    ...(reason === undefined ? [] : [{ is: 'event', reason } as const]),
    ...words,
  ];
  const [test] = given;
  if (test !== undefined && given.length === 1) return test;
  const message = given.length === 0 ? 'says nothing' : 'says several things';
  const remedy = 'give exactly one of condition, jsonpath, exists, gone, count, ip, tcp and http';
  report(path, message, remedy, 'key');
  return test ?? { is: 'exists' };
}

function conditionTest(text: string): Test {
  const [type = '', status = 'True'] = text.split('=');
  return { is: 'condition', type, status };
}

function pathTest(text: string, path: Path, report: Report): Test {
  const end = text.indexOf('}') + 1;
  const way = text.slice(0, end);
  if (compileJsonPath(way) === undefined) {
    report(path, `${way} is no path that we follow`, 'write it like {.status.phase}');
  }
  const isNot = text[end] === '!';
  const value = end === text.length ? undefined : text.slice(isNot ? end + 2 : end + 1);
  return { is: 'jsonpath', path: way, value, isNot };
}

/** Names that hold for each object of the step. */
const OF_EACH: readonly string[] = ['name', 'index', 'namespace'];

/** Reports what no object of the step has. */
export function checkOfEach(text: string, path: Path, report: Report): void {
  const strange = namesIn(text).find((name) => !OF_EACH.includes(name));
  if (strange === undefined) return;
  const message = `placeholder {{${strange}}} is left unresolved`;
  report(path, message, suggest(strange, OF_EACH, 'placeholder'));
}

function otherIn(
  document: z.output<typeof other> | undefined,
  path: Path,
  report: Report,
): OtherObject | undefined {
  if (document === undefined) return undefined;
  checkOfEach(document.name, [...path, 'name'], report);
  const { apiVersion: version, kind: what, name, namespace } = document;
  return { apiVersion: version, kind: what, name, namespace };
}
