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
  StepDocument,
} from './step-schema.ts';
import { suggest } from './suggest.ts';
import { resolveWaves } from './waves.ts';

export interface StepContext {
  readonly images: readonly string[];
  readonly templates: readonly string[];
  readonly timeouts: Timeouts;
  readonly errorBudget: number;
  readonly report: Report;
}

/** All steps, in order; `report` hears of each that cannot be performed. */
export function resolveSteps(
  documents: readonly StepDocument[],
  context: StepContext,
): readonly Step[] {
  const names = nameSteps(documents, context.report);
  const state: State = { ...context, inventory: createInventory(), done: [] };
  for (const [i, document] of documents.entries()) {
    const step = resolveStep(document, names[i] ?? '', ['steps', i], state);
    if (step) state.done.push(step);
  }
  return state.done;
}

const KINDS = ['clone', 'deploy', 'boot', 'stop', 'delete', 'cleanup', 'pause'] as const;
type Kind = (typeof KINDS)[number];

interface State extends StepContext {
  readonly inventory: Inventory;
  readonly done: Step[];
}

function resolveStep(
  document: StepDocument,
  name: string,
  path: Path,
  state: State,
): Step | undefined {
  const kind = kindOf(document);
  if (kind === undefined) return reportKinds(document, path, state.report);
  const at = [...path, kind];
  if (document.clone) return resolveClone(document.clone, name, at, state);
  if (document.deploy) return resolveDeploy(document.deploy, name, at, state);
  if (document.cleanup) return resolveCleanup(document.cleanup, name, at, state);
  if (document.pause !== undefined) return resolvePause(document.pause, name);
  if (kind === 'boot' || kind === 'stop' || kind === 'delete') {
    const machines = document[kind];
    return machines && resolveMachines(kind, machines, name, at, state);
  }
  return undefined;
}

function kindOf(document: StepDocument): Kind | undefined {
  const kinds = KINDS.filter((kind) => document[kind] !== undefined);
  return kinds.length === 1 ? kinds[0] : undefined;
}

function reportKinds(document: StepDocument, path: Path, report: Report): undefined {
  const kinds = KINDS.filter((kind) => document[kind] !== undefined);
  const message = kinds.length === 0 ? 'does nothing' : `does two things: ${kinds.join(' and ')}`;
  const remedy =
    kinds.length === 0
      ? `give exactly one of: ${KINDS.join(', ')}`
      : 'make each of them a step of its own (begin it with "- ")';
  const second = kinds[1];
  report(second === undefined ? path : [...path, second], message, remedy, 'key');
  return undefined;
}

function resolveClone(document: CloneDocument, name: string, path: Path, state: State): CloneStep {
  const { image, sources, count } = document;
  known(image, state.images, 'image', [...path, 'image'], state.report);
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
  const waves = wavesOf(document, 'cloneUs', count, path, state);
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
  const wanted = wantedMachines(document, path, state);
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
  const targets = wantedMachines(document, path, state).map(({ template, count, path: at }) => {
    const there = state.inventory.inState(template, MOVES[kind].from);
    if (there.length === 0 || (count ?? 0) > there.length) {
      const asked = count === undefined ? `nothing to ${kind}` : `asks for ${count} VMs`;
      const message = `${asked}: ${there.length} of template ${template} are ${AVAILABLE[kind]} by then`;
      state.report(at, message, kind === 'boot' ? 'deploy more before' : 'lower the count');
    }
    const indices = there.slice(0, count ?? there.length);
    state.inventory.move(template, indices, MOVES[kind].to);
    return { template, indices };
  });
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
  const waves = wavesOf(document, `${kind}Us`, largest, path, state);
  return { kind, name, targets, mixed, via, waves };
}

interface Wanted {
  readonly template: string;
  /** Undefined: all that are there. */
  readonly count: number | undefined;
  /** Where the count, or else the template, is named. */
  readonly path: Path;
}

/** The templates that a step names, singly or as a mix; unknown ones are reported and left out. */
function wantedMachines(
  document: DeployDocument | MachinesDocument,
  path: Path,
  state: State,
): readonly Wanted[] {
  const { template, templates, count } = document;
  if ((template === undefined) === (templates === undefined)) {
    const spot = template === undefined ? path : [...path, 'templates'];
    state.report(spot, 'needs exactly one of template and templates', 'name one of them', 'key');
    return [];
  }
  if (templates !== undefined && count !== undefined) {
    const remedy = 'write for example templates: { rhel9: 60, windows11: 40 }';
    state.report([...path, 'count'], 'count belongs to a single template', remedy, 'key');
  }
  return wantedIn(document, path).filter(({ template: key, path: at }) =>
    known(
      key,
      state.templates,
      'template',
      at.at(-1) === 'count' ? [...path, 'template'] : at,
      state.report,
    ),
  );
}

function wantedIn(document: DeployDocument | MachinesDocument, path: Path): readonly Wanted[] {
  const { template, templates, count } = document;
  if (template !== undefined) {
    const field = count === undefined ? 'template' : 'count';
    return [{ template, count, path: [...path, field] }];
  }
  const at = [...path, 'templates'];
  if (Array.isArray(templates)) {
    return [...new Set(templates)].map((key, i) => ({
      template: key,
      count: undefined,
      path: [...at, i],
    }));
  }
  return Object.entries(templates ?? {}).map(([key, n]) => ({
    template: key,
    count: n,
    path: [...at, key],
  }));
}

function resolveCleanup(
  document: CleanupDocument,
  name: string,
  path: Path,
  state: State,
): CleanupStep {
  const at = [...path, 'step'];
  const candidates = state.done.filter((step) => step.kind === 'clone' || step.kind === 'deploy');
  known(
    document.step,
    candidates.map((step) => step.name),
    'clone or deploy step',
    at,
    state.report,
  );
  const step = candidates.find((candidate) => candidate.name === document.step);
  const cleaned = cleanedBefore(document.step, step, state.done);
  if (cleaned !== undefined)
    state.report(at, `its objects are deleted ${cleaned}`, 'remove this step');
  const arms: readonly CloneArm[] = step?.kind === 'clone' ? step.arms : [];
  const targets = step?.kind === 'deploy' ? remaining(step.targets, state.inventory) : [];
  for (const { template, indices } of targets) state.inventory.move(template, indices, 'deleted');
  const counts = [...arms.map((arm) => arm.count), ...targets.map((t) => t.indices.length)];
  const waves = wavesOf(document, 'deleteUs', Math.max(0, ...counts), path, state);
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

function resolvePause(document: NonNullable<StepDocument['pause']>, name: string): PauseStep {
  const durationUs = typeof document === 'number' ? document : document.duration;
  return { kind: 'pause', name, durationUs };
}

function wavesOf(
  document: CloneDocument | DeployDocument | MachinesDocument | CleanupDocument,
  timeout: keyof Timeouts,
  largest: number,
  path: Path,
  state: State,
) {
  const defaults = {
    largest,
    timeoutUs: state.timeouts[timeout],
    errorBudget: document.errorBudget ?? state.errorBudget,
  };
  return resolveWaves(document.wave, defaults, [...path, 'wave'], state.report);
}

/** Given names, checked to be unique, and for the other steps what they do. */
function nameSteps(documents: readonly StepDocument[], report: Report): readonly string[] {
  const taken = new Set<string>();
  for (const [i, document] of documents.entries()) {
    const given = givenName(document);
    if (given === undefined) continue;
    if (taken.has(given)) {
      const path = ['steps', i, kindOf(document) ?? '', 'name'];
      report(path, `duplicate step name ${JSON.stringify(given)}`, 'give each step its own name');
    }
    taken.add(given);
  }
  return documents.map((document) => givenName(document) ?? freeName(defaultName(document), taken));
}

function freeName(base: string, taken: Set<string>): string {
  let name = base;
  for (let i = 2; taken.has(name); i++) name = `${base} (${i})`;
  taken.add(name);
  return name;
}

function givenName(document: StepDocument): string | undefined {
  const kind = kindOf(document);
  const fields = kind === undefined ? undefined : document[kind];
  return typeof fields === 'object' ? fields.name : undefined;
}

function defaultName(document: StepDocument): string {
  const kind = kindOf(document);
  switch (kind) {
    case undefined:
      return '';
    case 'pause':
      return 'pause';
    case 'clone':
      return `clone ${document.clone?.image ?? ''}`;
    case 'cleanup':
      return `cleanup ${document.cleanup?.step ?? ''}`;
    case 'deploy':
    case 'boot':
    case 'stop':
    case 'delete':
      return `${kind} ${wantedIn(document[kind] ?? EMPTY, [])
        .map((w) => w.template)
        .join(' + ')}`;
    default:
      return unreachable(kind);
  }
}

const EMPTY = { templates: {} } as MachinesDocument;

/** Whether `key` is one of `keys`; reports it otherwise. */
function known(
  key: string,
  keys: readonly string[],
  what: string,
  path: Path,
  report: Report,
): boolean {
  if (keys.includes(key)) return true;
  report(path, `unknown ${what} ${JSON.stringify(key)}`, suggest(key, keys, what));
  return false;
}
