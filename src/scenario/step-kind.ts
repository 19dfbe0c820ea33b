/**
 * What a kind of step is to a scenario: what a file may say of it, and how that becomes a Step. A
 * module a kind (step-clone.ts, step-boot.ts ...) is one of these; steps.ts lists them.
 */

import type { z } from 'zod';
import { type AskedKind, STEP_KINDS } from '../catalogue/step-kinds.ts';
import type { Inventory } from './inventory.ts';
import type { Path } from './path.ts';
import type { Problem, Report } from './problem.ts';
import type { ReadFile } from './read-file.ts';
import type { VmTarget, Step, Timeouts, WaveSettings } from './scenario.ts';
import type { WaveDocument } from './step-fields.ts';
import type { Values } from './template.ts';
import { checkKnown } from './suggest.ts';
import { resolveWaves } from './waves.ts';

export interface StepKindModule<Document, Made extends Step> {
  /** Its field in a step of a scenario file. */
  readonly schema: z.ZodType<Document>;
  /** The step's name where it is given none. */
  name(document: Document): string;
  /** Makes it complete; `state.report` hears of all that cannot be performed. */
  resolve(document: Document, place: StepPlace, state: StepState): Made;
  /** What it creates under names of its own making; VMs are named by their templates. */
  objects(step: Made): Iterable<readonly [kind: string, name: string]>;
  /** The VMs that it creates. */
  deploys(step: Made): readonly VmTarget[];
  /** Images of which it needs a snapshot. */
  snapshots(step: Made): readonly string[];
}

/** Where in the file a step stands, and what it is called. */
export interface StepPlace {
  readonly name: string;
  readonly path: Path;
}

export interface StepContext {
  readonly images: readonly string[];
  readonly templates: readonly string[];
  readonly timeouts: Timeouts;
  readonly errorBudget: number;
  readonly waveErrorBudget: number | undefined;
  /** A count was given with --set, and no wave size: waves follow. */
  readonly wavesFollow: boolean;
  /** Of placeholders in manifests of any kind. */
  readonly values: Values;
  readonly readFile: ReadFile;
  readonly problems: Problem[];
  readonly report: Report;
}

/** What is known once the steps before were performed. */
export interface StepState extends StepContext {
  readonly inventory: Inventory;
  /** Names of the steps before that begin together with this one. */
  beside: readonly string[];
  readonly done: Step[];
  /** A deploy step is wrong, so what it deploys is unknown. */
  doubtful: boolean;
}

/** Fixes the types of a module's document by its schema. */
export function defineStep<Schema extends z.ZodType, Made extends Step>(
  module: Omit<StepKindModule<z.output<Schema>, Made>, 'schema'> & { readonly schema: Schema },
): typeof module {
  return module;
}

/** Of a kind that creates nothing. */
export const CREATES_NOTHING = {
  objects: () => [],
  deploys: () => [],
  snapshots: () => [],
} as const;

/** A wave that has lost more than half of its operations says that the cluster is broken. */
const WAVE_ERROR_BUDGET_DEFAULT = 0.5;

interface WithWaves {
  readonly wave: WaveDocument;
  readonly errorBudget?: number | undefined;
  readonly waveErrorBudget?: number | undefined;
}

/** What a wave follows stands before it in the same `together`. */
function checkAfter(after: string | undefined, path: Path, { beside, report }: StepState): void {
  if (after === undefined) return;
  if (beside.length > 0) {
    checkKnown(after, beside, 'step before it in this together', path, report);
    return;
  }
  const remedy = 'put both steps into one together, this one behind the other';
  report(path, `follows ${JSON.stringify(after)}, and nothing goes on beside it`, remedy, 'key');
}

/** The waves of a step whose largest arm or template has so many operations. */
export function settleWaves(
  kind: AskedKind,
  document: WithWaves,
  largest: number,
  path: Path,
  state: StepState,
): WaveSettings {
  const errorBudget = document.errorBudget ?? state.errorBudget;
  checkAfter(document.wave.after, [...path, 'wave', 'after'], state);
  const { timeout } = STEP_KINDS[kind];
  const defaults = {
    largest,
    timeoutUs: timeout === undefined ? 0 : state.timeouts[`${timeout}Us`],
    errorBudget,
    waveErrorBudget:
      document.waveErrorBudget ??
      state.waveErrorBudget ??
      Math.max(WAVE_ERROR_BUDGET_DEFAULT, errorBudget),
  };
  const { size } = document.wave;
  const followed = Math.min(size ?? Number.POSITIVE_INFINITY, Math.max(1, largest));
  const wave = state.wavesFollow && size ? { ...document.wave, size: followed } : document.wave;
  return resolveWaves(wave, defaults, [...path, 'wave'], state.report);
}
