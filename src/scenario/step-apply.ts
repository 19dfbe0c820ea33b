/** `apply`: objects of any kind, from manifests. */

import { z } from 'zod';
import { type Described, findRecipe, RECIPES } from '../catalogue/recipes.ts';
import { count } from '../core/values.ts';
import { checkedManifest, manifestsOfFile, manifestsWritten } from './manifests.ts';
import type { Path } from './path.ts';
import type { AnyManifest, ApplyStep } from './scenario.ts';
import { budgets, name, wave } from './step-fields.ts';
import {
  CREATES_NOTHING,
  defineStep,
  settleWaves,
  type StepPlace,
  type StepState,
} from './step-kind.ts';
import { at, compileTemplate } from './template.ts';
import {
  fails,
  type Readiness,
  resolveFails,
  resolveUntil,
  saysReady,
  until,
  type UntilDocument,
} from './until.ts';

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
  keep: z
    .boolean()
    .default(false)
    .describe('It stays: no run owns it, no clean-up removes it; applied again, nothing is new.'),
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
  const { file, manifests, template, count: each, force, keep } = document;
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
  const ready = readiness(document.until, checked, [...path, 'until'], state);
  const failing = [...document.fails, ...(ready?.fails ?? [])];
  return {
    kind: 'apply',
    name: called,
    manifests: checked,
    count: each,
    force,
    keep,
    goals: resolveUntil(document.until, [...path, 'until'], state.report, ready),
    failConditions: resolveFails(failing, [...path, 'fails'], state.report),
    waves: settleWaves('apply', document, each * Math.max(1, found.length), path, state),
  };
}

/** What the recipe of the manifests' kind says; undefined where nobody asks for it. */
function readiness(
  asked: UntilDocument,
  manifests: readonly AnyManifest[],
  path: Path,
  { report }: StepState,
): Readiness | undefined {
  const [first, second] = manifests;
  if (!saysReady(asked) || first === undefined) return undefined;
  const recipe = findRecipe(first.apiVersion, first.kind);
  if (recipe === undefined || second !== undefined) {
    const message = recipe
      ? 'ready is of one object, and there are several'
      : `what makes a ${first.kind} ready is not known here`;
    const remedy = recipe
      ? 'give each a step of its own'
      : `say it (a condition, or a jsonpath); known: ${RECIPES.map(({ kind }) => kind).join(', ')}`;
    report(path, message, remedy);
    return { goals: [{ exists: true }], fails: [] };
  }
  const { name } = compileTemplate(first, SAMPLE_RUN);
  const namespace = at(first.tree, 'metadata', 'namespace') as string | undefined;
  const spec = (at(first.tree, 'spec') ?? {}) as Described['spec'];
  return {
    goals: recipe.ready({ name: name(1), namespace, spec }),
    fails: recipe.fails.map((sign) => {
      const { remedy: _, ...words } = sign;
      return words;
    }),
  };
}

const SAMPLE_RUN = { namespace: 'namespace-of-the-run', runId: 'run' };

function* appliedNames(step: ApplyStep): Iterable<readonly [string, string]> {
  for (const each of step.manifests) {
    const { name: nameOf } = compileTemplate(each, SAMPLE_RUN);
    for (let i = 1; i <= step.count; i++) yield [each.kind, nameOf(i)];
  }
}
