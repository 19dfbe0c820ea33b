/**
 * The steps of a scenario file: which kinds there are, and how a file's steps become those of the
 * scenario. Exactly one field of a step says what it does; names, counts and the very VMs it acts
 * on follow.
 */

import { z } from 'zod';
import { type AskedKind, STEP_KINDS } from '../catalogue/step-kinds.ts';
import { createInventory } from './inventory.ts';
import { churn, type ChurnDocument } from './step-churn.ts';
import type { Path } from './path.ts';
import type { Report } from './problem.ts';
import type { Step } from './scenario.ts';
import { act } from './step-act.ts';
import { apply } from './step-apply.ts';
import { boot } from './step-boot.ts';
import { cleanup } from './step-cleanup.ts';
import { clone } from './step-clone.ts';
import { deletion } from './step-delete.ts';
import { deploy } from './step-deploy.ts';
import type { StepContext, StepKindModule, StepPlace, StepState } from './step-kind.ts';
import { pause } from './step-pause.ts';
import { stop } from './step-stop.ts';

const MODULES = {
  clone,
  deploy,
  boot,
  stop,
  delete: deletion,
  cleanup,
  apply,
  act,
  pause,
} satisfies Readonly<Record<AskedKind, { readonly schema: z.ZodType }>>;

const KINDS = Object.keys(MODULES) as readonly AskedKind[];

/** What a step of a file can be: of a kind, or what stands for steps of several kinds. */
const WORD_MODULES = { ...MODULES, churn };

type StepWord = keyof typeof WORD_MODULES;

const WORDS = Object.keys(WORD_MODULES) as readonly StepWord[];

type Fields = { [Kind in AskedKind]: z.ZodOptional<(typeof MODULES)[Kind]['schema']> };

const fields = Object.fromEntries(
  KINDS.map((kind) => {
    const field = MODULES[kind].schema.optional();
    return [kind, field.describe(STEP_KINDS[kind].does)];
  }),
) as Fields;

const single = z.strictObject(fields).describe('Exactly one of the fields.');

/** A step of a scenario file. */
export const step = z
  .strictObject({
    ...fields,
    churn: churn.schema.optional(),
    together: z.array(single).min(2).optional().describe('Steps that begin at the same moment.'),
  })
  .describe('Exactly one of the fields.');

type StepDocument = z.output<typeof single> & { readonly churn?: ChurnDocument | undefined };

/** What only the step's own module knows of a step. */
export function stepModule(kind: AskedKind): StepKindModule<unknown, Step> {
  // Each module is only ever given documents and steps of its own kind.
  return MODULES[kind] as unknown as StepKindModule<unknown, Step>;
}

interface WordModule {
  name(document: unknown): string;
  resolve(document: unknown, place: StepPlace, state: StepState): Step | readonly Step[];
}

function wordModule(word: StepWord): WordModule {
  return WORD_MODULES[word] as unknown as WordModule;
}

export interface ResolvedSteps {
  readonly steps: readonly Step[];
  /** Where in the file each stands. */
  readonly paths: readonly Path[];
}

/** All steps, in order; `report` hears of each that cannot be performed. */
export function resolveSteps(
  documents: readonly z.output<typeof step>[],
  context: StepContext,
): ResolvedSteps {
  const placed = documents.flatMap((document, i) => placeSteps(document, i, context.report));
  const names = nameSteps(placed, context.report);
  const done: Step[] = [];
  const inventory = createInventory();
  const state: StepState = { ...context, inventory, beside: [], done, doubtful: false };
  const paths: Path[] = [];
  for (const [i, { document, path, group }] of placed.entries()) {
    const word = readWord(document);
    if (word === undefined) {
      reportWords(document, path, context.report);
      continue;
    }
    state.beside = done.filter((each) => group !== undefined && each.group === group).map(nameOf);
    const place = { name: names[i] ?? '', path: [...path, word] };
    const made = [wordModule(word).resolve(document[word], place, state)].flat();
    done.push(...made.map((each) => (group === undefined ? each : { ...each, group })));
    paths.push(...made.map(() => path));
  }
  return { steps: done, paths };
}

const nameOf = ({ name }: Step) => name;

interface PlacedStep {
  readonly document: StepDocument;
  readonly path: Path;
  readonly group: number | undefined;
}

/** The step itself, or those that it says begin together. */
function placeSteps(
  { together, churn: rounds, ...document }: z.output<typeof step>,
  index: number,
  report: Report,
): readonly PlacedStep[] {
  const path = ['steps', index];
  const [beside] = listWords(together === undefined ? document : { ...document, churn: rounds });
  const word = together === undefined ? 'churn' : 'together';
  if ((together ?? rounds) !== undefined && beside !== undefined) {
    report(
      [...path, beside],
      `${beside} stands beside ${word}`,
      'make it a step of its own',
      'key',
    );
  }
  if (rounds !== undefined) return [{ document: { churn: rounds }, path, group: index }];
  if (together === undefined) return [{ document, path, group: undefined }];
  return together.map((each, i) => {
    return { document: each, path: [...path, 'together', i], group: index };
  });
}

/** What the step does; undefined where that is nothing, or several things. */
function readWord(document: StepDocument): StepWord | undefined {
  const [word, second] = listWords(document);
  return second === undefined ? word : undefined;
}

function listWords(document: StepDocument): readonly StepWord[] {
  return WORDS.filter((word) => document[word] !== undefined);
}

/** Reports a step that does nothing, or several things. */
function reportWords(document: StepDocument, path: Path, report: Report): void {
  const words = listWords(document);
  const [, second] = words;
  if (second === undefined) {
    report(
      path,
      'does nothing',
      `give exactly one of: ${[...WORDS, 'together'].join(', ')}`,
      'key',
    );
    return;
  }
  const remedy = 'make each of them a step of its own (begin it with "- ")';
  report([...path, second], `does several things: ${words.join(', ')}`, remedy, 'key');
}

/** Names of all steps: as given, which have to be unique, or what the step does to what. */
function nameSteps(placed: readonly PlacedStep[], report: Report): readonly string[] {
  const taken = new Set<string>();
  for (const { document, path: at } of placed) {
    const word = readWord(document);
    const given = givenName(document, word);
    if (word === undefined || given === undefined) continue;
    if (taken.has(given)) {
      const path = [...at, word, 'name'];
      report(path, `duplicate name: another step is called ${JSON.stringify(given)}`, RENAME);
    }
    taken.add(given);
  }
  return placed.map(({ document }) => {
    const word = readWord(document);
    const base = word === undefined ? 'step' : wordModule(word).name(document[word]);
    return givenName(document, word) ?? takeName(base, taken);
  });
}

const RENAME = 'give each step its own name';

function givenName(document: StepDocument, word: StepWord | undefined): string | undefined {
  const fields = word === undefined ? undefined : document[word];
  return typeof fields === 'object' ? fields.name : undefined;
}

function takeName(base: string, taken: Set<string>): string {
  let free = base;
  for (let i = 2; taken.has(free); i++) free = `${base} (${i})`;
  taken.add(free);
  return free;
}
