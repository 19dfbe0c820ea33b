/** Steps made complete: names, counts, the very VMs they act on, and the rules across steps. */

import { unreachable } from '../core/assert.ts';
import { createInventory, type Inventory, type MachineState } from './inventory.ts';
import type { Path } from './path.ts';
import type { Report } from './problem.ts';
import type {
  CleanupStep,
  CloneArm,
  CloneStep,
  MachineStep,
  MachineTarget,
  PauseStep,
  Step,
  Timeouts,
} from './scenario.ts';
import type {
  CleanupDocument,
  CloneDocument,
  DeployDocument,
  MachinesDocument,
  PauseDocument,
  StepDocument,
} from './step-schema.ts';
import { findCase, nameSteps, reportKinds, type StepCase } from './step-case.ts';
import { checkKnown } from './suggest.ts';
import { wantedMachines } from './wanted-machines.ts';
import { resolveWaves } from './waves.ts';

export interface StepContext {
  readonly images: readonly string[];
  readonly templates: readonly string[];
  readonly timeouts: Timeouts;
  readonly errorBudget: number;
  readonly waveErrorBudget: number | undefined;
  readonly report: Report;
}

/** All steps, in order; `report` hears of each that cannot be performed. */
export function resolveSteps(
  documents: readonly StepDocument[],
  context: StepContext,
): readonly Step[] {
  const names = nameSteps(documents, context.report);
  const state: State = { ...context, inventory: createInventory(), done: [], doubtful: false };
  for (const [i, document] of documents.entries()) {
    const step = findCase(document);
    if (step === undefined) reportKinds(document, ['steps', i], context.report);
    else state.done.push(resolveStep(step, names[i] ?? '', ['steps', i, step.kind], state));
  }
  return state.done;
}

interface State extends StepContext {
  readonly inventory: Inventory;
  readonly done: Step[];
  /** A deploy step is wrong, so what it deploys is unknown. */
  doubtful: boolean;
}

function resolveStep(step: StepCase, name: string, path: Path, state: State): Step {
  switch (step.kind) {
    case 'clone':
      return resolveClone(step.fields, name, path, state);
    case 'deploy':
      return resolveDeploy(step.fields, name, path, state);
    case 'boot':
    case 'stop':
    case 'delete':
      return resolveMachines(step.kind, step.fields, name, path, state);
    case 'cleanup':
      return resolveCleanup(step.fields, name, path, state);
    case 'pause':
      return resolvePause(step.fields, name);
    default:
      return unreachable(step);
  }
}

function resolveClone(document: CloneDocument, name: string, path: Path, state: State): CloneStep {
  const { image, sources, count } = document;
  checkKnown(image, state.images, 'image', [...path, 'image'], state.report);
  for (const [i, source] of sources.entries()) {
    if (sources.indexOf(source) === i) continue;
    state.report([...path, 'sources', i], `duplicate source ${source}`, 'name each source once');
  }
  const arms = [...new Set(sources)].map((source) => ({
    image,
    source,
    first: state.inventory.clone(image, source, count),
    count,
  }));
  const interleaved = document.order === 'interleaved';
  if (interleaved && arms.length < 2) {
    state.report([...path, 'order'], 'there is one source only', 'name two sources, or drop order');
  }
  const waves = resolveWaveSettings(document, 'cloneUs', count, path, state);
  return { kind: 'clone', name, image, arms, interleaved, cleanup: document.cleanup, waves };
}

function resolveDeploy(
  document: DeployDocument,
  name: string,
  path: Path,
  state: State,
): MachineStep {
  if (document.template !== undefined && document.count === undefined) {
    state.report([...path, 'count'], 'count is missing', 'say how many VMs to create');
  }
  const wanted = wantedMachines(document, path, state.templates, state.report);
  state.doubtful ||= wanted.length === 0 || wanted.some(({ count }) => count === undefined);
  const targets = wanted.map(({ template, count = 0 }) => ({
    template,
    indices: state.inventory.deploy(template, count),
  }));
  return machineStep('deploy', document, 'subresource', targets, name, path, state);
}

/** What states of a VM a step starts from, and where it leads. */
const MOVES: Readonly<
  Record<'boot' | 'stop' | 'delete', { from: readonly MachineState[]; to: MachineState }>
> = {
  boot: { from: ['stopped'], to: 'started' },
  stop: { from: ['started'], to: 'stopped' },
  delete: { from: ['stopped', 'started'], to: 'deleted' },
};

const AVAILABLE = {
  boot: 'deployed and not yet started',
  stop: 'started',
  delete: 'deployed',
} as const;

function resolveMachines(
  kind: 'boot' | 'stop' | 'delete',
  document: MachinesDocument,
  name: string,
  path: Path,
  state: State,
): MachineStep {
  const targets = wantedMachines(document, path, state.templates, state.report).map(
    ({ template, count, path: at }) => {
      const there = state.inventory.inState(template, MOVES[kind].from);
      if (!state.doubtful && there.length < (count ?? 1)) {
        const asked = count === undefined ? `nothing to ${kind}` : `asks for ${count} VMs`;
        const found = `${there.length} of template ${template} are ${AVAILABLE[kind]} by then`;
        const message = `${asked}: ${found}`;
        state.report(at, message, kind === 'boot' ? 'deploy more before' : 'lower the count');
      }
      const indices = there.slice(0, count ?? there.length);
      state.inventory.move(template, indices, MOVES[kind].to);
      return { template, indices };
    },
  );
  return machineStep(kind, document, document.via, targets, name, path, state);
}

function machineStep(
  kind: MachineStep['kind'],
  document: DeployDocument | MachinesDocument,
  via: MachineStep['via'],
  targets: readonly MachineTarget[],
  name: string,
  path: Path,
  state: State,
): MachineStep {
  const mixed = document.order === 'mixed';
  const counts = targets.map((target) => target.indices.length);
  const largest = mixed ? counts.reduce((a, b) => a + b, 0) : Math.max(0, ...counts);
  const waves = resolveWaveSettings(document, `${kind}Us`, largest, path, state);
  return { kind, name, targets, mixed, via, waves };
}

function resolveCleanup(
  document: CleanupDocument,
  name: string,
  path: Path,
  state: State,
): CleanupStep {
  const at = [...path, 'step'];
  const candidates = state.done.filter((step) => step.kind === 'clone' || step.kind === 'deploy');
  const names = candidates.map((candidate) => candidate.name);
  checkKnown(document.step, names, 'clone or deploy step', at, state.report);
  const step = candidates.find((candidate) => candidate.name === document.step);
  const cleaned = cleanedBefore(document.step, step, state.done);
  if (cleaned !== undefined)
    state.report(at, `its objects are deleted ${cleaned}`, 'remove this step');
  const arms: readonly CloneArm[] = step?.kind === 'clone' ? step.arms : [];
  const targets = step?.kind === 'deploy' ? remaining(step.targets, state.inventory) : [];
  for (const { template, indices } of targets) state.inventory.move(template, indices, 'deleted');
  const counts = [...arms.map((arm) => arm.count), ...targets.map((t) => t.indices.length)];
  const waves = resolveWaveSettings(document, 'deleteUs', Math.max(0, ...counts), path, state);
  return { kind: 'cleanup', name, arms, targets, waves };
}

function cleanedBefore(
  name: string,
  step: Step | undefined,
  done: readonly Step[],
): string | undefined {
  if (step?.kind === 'clone' && step.cleanup) return 'at its own end (cleanup: true)';
  const objects = step?.kind === 'clone' ? step.arms : undefined;
  const twice = done.some((other) => other.kind === 'cleanup' && other.arms === objects);
  return twice ? `by an earlier cleanup of ${JSON.stringify(name)}` : undefined;
}

function remaining(
  targets: readonly MachineTarget[],
  inventory: Inventory,
): readonly MachineTarget[] {
  return targets.map(({ template, indices }) => {
    const there = new Set(inventory.inState(template, ['stopped', 'started']));
    return { template, indices: indices.filter((index) => there.has(index)) };
  });
}

function resolvePause(document: PauseDocument, name: string): PauseStep {
  const durationUs = typeof document === 'number' ? document : document.duration;
  return { kind: 'pause', name, durationUs };
}

/** A wave that has lost more than half of its operations says that the cluster is broken. */
const WAVE_ERROR_BUDGET_DEFAULT = 0.5;

function resolveWaveSettings(
  document: CloneDocument | DeployDocument | MachinesDocument | CleanupDocument,
  timeout: keyof Timeouts,
  largest: number,
  path: Path,
  state: State,
) {
  const errorBudget = document.errorBudget ?? state.errorBudget;
  const defaults = {
    largest,
    timeoutUs: state.timeouts[timeout],
    errorBudget,
    waveErrorBudget:
      document.waveErrorBudget ??
      state.waveErrorBudget ??
      Math.max(WAVE_ERROR_BUDGET_DEFAULT, errorBudget),
  };
  return resolveWaves(document.wave, defaults, [...path, 'wave'], state.report);
}
