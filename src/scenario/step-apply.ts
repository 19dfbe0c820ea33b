/** `apply`: objects of any kind, from manifests. */

import { z } from 'zod';
import { count } from '../core/values.ts';
import { checkedManifest, manifestsOfFile, manifestsWritten } from './manifests.ts';
import type { ApplyStep } from './scenario.ts';
import { budgets, name, wave } from './step-fields.ts';
import {
  CREATES_NOTHING,
  defineStep,
  settleWaves,
  type StepPlace,
  type StepState,
} from './step-kind.ts';
import { compileTemplate } from './template.ts';
import { fails, resolveFails, resolveUntil, until } from './until.ts';

const manifest = z.record(z.string(), z.unknown());

const schema = z.strictObject({
  name: name.optional(),
  file: z.string().min(1).optional().describe('Manifests, relative to the scenario.'),
  manifests: z.array(manifest).min(1).optional().describe('The manifests themselves.'),
  template: manifest.optional().describe('One manifest with placeholders, such as {{index}}.'),
  count: count.default(1).describe('So many of each.'),
  force: z
    .boolean()
    .default(false)
    .describe('Take fields of an object that is there from who owns them (server-side apply).'),
  until: until.default('exists'),
  fails,
  wave: wave('apply').prefault({}),
  ...budgets,
});

type Document = z.output<typeof schema>;

export const apply = defineStep({
  schema,
  name: ({ file, template, manifests = [] }: Document) => {
    const kinds = (template ? [template] : manifests).map((each) => String(each['kind']));
    return `apply ${file ?? kinds.join(' + ')}`;
  },
  resolve,
  ...CREATES_NOTHING,
  objects: appliedNames,
});

function resolve(
  document: Document,
  { name: called, path }: StepPlace,
  state: StepState,
): ApplyStep {
  const { file, manifests, template, count: each, force } = document;
  const forms = { file, manifests, template };
  const given = Object.entries(forms).filter(([, value]) => value !== undefined);
  if (given.length !== 1) {
    const message = given.length === 0 ? 'has nothing to apply' : 'says twice what to apply';
    state.report(path, message, 'give exactly one of file, manifests and template', 'key');
  }
  const found =
    file === undefined
      ? manifestsWritten(
          manifests ?? (template === undefined ? [] : [template]),
          [...path, manifests ? 'manifests' : 'template'],
          state,
        )
      : manifestsOfFile(file, [...path, 'file'], state);
  const checked = found.flatMap((one) => checkedManifest(one, each, called, state) ?? []);
  return {
    kind: 'apply',
    name: called,
    manifests: checked,
    count: each,
    force,
    goals: resolveUntil(document.until, [...path, 'until'], state.report),
    failConditions: resolveFails(document.fails, [...path, 'fails'], state.report),
    waves: settleWaves('apply', document, each * Math.max(1, found.length), path, state),
  };
}

const SAMPLE_RUN = { namespace: 'namespace-of-the-run', runId: 'run' };

function* appliedNames(step: ApplyStep): Iterable<readonly [string, string]> {
  for (const each of step.manifests) {
    const { name: nameOf } = compileTemplate(each, SAMPLE_RUN);
    for (let i = 1; i <= step.count; i++) yield [each.kind, nameOf(i)];
  }
}
