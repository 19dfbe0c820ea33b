/** `act`: something done to what an earlier step made, or to objects that go with it by name. */

import { z } from 'zod';
import type { Deed } from '../catalogue/tests.ts';
import { count } from '../core/values.ts';
import type { Path } from './path.ts';
import type { Report } from './problem.ts';
import type { ActStep, MakingStep, Step } from './scenario.ts';
import { budgets, name, wave } from './step-fields.ts';
import {
  CREATES_NOTHING,
  defineStep,
  settleWaves,
  type StepPlace,
  type StepState,
} from './step-kind.ts';
import { checkKnown } from './suggest.ts';
import { apiVersion, fails, kind, resolveFails, resolveUntil, until } from './until.ts';

const fields = z.record(z.string(), z.string().nullable());

const schema = z.strictObject({
  name: name.optional(),
  on: z
    .union([
      z.string().min(1),
      z.strictObject({
        step: z.string().min(1).describe('Name of the step that made the objects.'),
        apiVersion: apiVersion.optional(),
        kind: kind.optional().describe('Another kind: what goes with each of them by name.'),
        name: z.string().min(1).optional().describe('Its name. Default: {{name}}.'),
      }),
    ])
    .describe('Name of the clone, deploy, boot or apply step whose objects it is done to.'),
  count: count.optional().describe('The first so many of them. Default: all.'),
  patch: z.record(z.string(), z.unknown()).optional().describe('A JSON merge patch.'),
  label: fields.optional().describe('Labels that are set; null takes one away.'),
  annotate: fields.optional().describe('Annotations that are set; null takes one away.'),
  subresource: z
    .union([
      z.string().min(1),
      z.strictObject({ name: z.string().min(1), body: z.record(z.string(), z.unknown()) }),
    ])
    .optional()
    .describe('A request to a subresource, such as restart of a VirtualMachine.'),
  evict: z.literal(true).optional().describe('Pods are evicted, as in a drain.'),
  delete: z.literal(true).optional().describe('What the run made is deleted.'),
  until: until.default('exists'),
  fails,
  wave: wave('act').prefault({}),
  ...budgets,
});

type Document = z.output<typeof schema>;

export const act = defineStep({
  schema,
  name: (document: Document) => `${deedsIn(document)[0]?.[0] ?? 'act'} ${onIn(document).step}`,
  resolve,
  ...CREATES_NOTHING,
});

function onIn({ on }: Document) {
  return typeof on === 'string' ? { step: on } : on;
}

function resolve(document: Document, { name: called, path }: StepPlace, state: StepState): ActStep {
  const on = onIn(document);
  const at = typeof document.on === 'string' ? [...path, 'on'] : [...path, 'on', 'step'];
  const makers = state.done.filter(isMaking);
  const names = makers.map((maker) => maker.name);
  checkKnown(on.step, names, 'step that makes objects', at, state.report);
  const step = makers.find((maker) => maker.name === on.step);
  const there = step === undefined ? 0 : objectsOf(step);
  const { count: asked = there } = document;
  if (step !== undefined && asked > there) {
    const message = `asks for ${asked} objects: ${JSON.stringify(step.name)} makes ${there}`;
    state.report([...path, 'count'], message, `use ${there} or less`);
  }
  return {
    kind: 'act',
    name: called,
    on: step,
    other:
      on.kind === undefined
        ? undefined
        : {
            apiVersion: on.apiVersion,
            kind: on.kind,
            name: on.name ?? '{{name}}',
            namespace: undefined,
          },
    count: asked,
    deed: resolveDeed(document, path, state.report),
    goals: resolveUntil(document.until, [...path, 'until'], state.report),
    omens: resolveFails(document.fails, [...path, 'fails'], state.report),
    waves: settleWaves('act', document, asked, path, state),
  };
}

function isMaking(step: Step): step is MakingStep {
  return ['clone', 'deploy', 'boot', 'apply'].includes(step.kind);
}

function objectsOf(step: MakingStep): number {
  if (step.kind === 'clone') return step.arms.reduce((sum, arm) => sum + arm.count, 0);
  if (step.kind === 'apply') return step.manifests.length * step.count;
  return step.targets.reduce((sum, { indices }) => sum + indices.length, 0);
}

function deedsIn(document: Document): readonly (readonly [string, Deed])[] {
  const { patch, label, annotate, subresource, evict } = document;
  const called = typeof subresource === 'string' ? { name: subresource, body: {} } : subresource;
  const deeds: readonly (readonly [string, Deed | undefined])[] = [
    ['patch', patch && { do: 'patch', patch }],
    ['label', label && { do: 'patch', patch: { metadata: { labels: label } } }],
    ['annotate', annotate && { do: 'patch', patch: { metadata: { annotations: annotate } } }],
    [
      called?.name ?? 'subresource',
      called && { do: 'subresource', subresource: called.name, body: called.body },
    ],
    ['evict', evict && { do: 'evict' }],
    ['delete', document.delete && { do: 'delete' }],
  ];
  return deeds.flatMap(([what, deed]) => (deed === undefined ? [] : [[what, deed] as const]));
}

function resolveDeed(document: Document, path: Path, report: Report): Deed {
  const deeds = deedsIn(document);
  const [first] = deeds;
  if (first === undefined || deeds.length > 1) {
    const message = first === undefined ? 'does nothing' : 'does several things';
    const remedy = 'give exactly one of patch, label, annotate, subresource, evict and delete';
    report(path, message, remedy, 'key');
  }
  return first?.[1] ?? { do: 'patch', patch: {} };
}
