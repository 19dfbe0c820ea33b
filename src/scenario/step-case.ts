/** Which of its fields a step of a scenario file has: exactly one says what the step does. */

import type { Path } from './path.ts';
import type { Report } from './problem.ts';
import type {
  CleanupDocument,
  CloneDocument,
  DeployDocument,
  MachinesDocument,
  PauseDocument,
  StepDocument,
} from './step-schema.ts';
import { wantedIn } from './wanted-machines.ts';
import { unreachable } from '../core/assert.ts';

export type StepCase =
  | { readonly kind: 'clone'; readonly fields: CloneDocument }
  | { readonly kind: 'deploy'; readonly fields: DeployDocument }
  | { readonly kind: 'boot' | 'stop' | 'delete'; readonly fields: MachinesDocument }
  | { readonly kind: 'cleanup'; readonly fields: CleanupDocument }
  | { readonly kind: 'pause'; readonly fields: PauseDocument };

const KINDS = ['clone', 'deploy', 'boot', 'stop', 'delete', 'cleanup', 'pause'] as const;

/** What the step does; undefined where that is nothing, or several things. */
export function findCase(document: StepDocument): StepCase | undefined {
  const [kind, second] = listKinds(document);
  if (kind === undefined || second !== undefined) return undefined;
  return { kind, fields: document[kind] } as StepCase;
}

/** Reports a step that does nothing, or several things. */
export function reportKinds(document: StepDocument, path: Path, report: Report): void {
  const kinds = listKinds(document);
  const [, second] = kinds;
  if (second === undefined) {
    report(path, 'does nothing', `give exactly one of: ${KINDS.join(', ')}`, 'key');
    return;
  }
  const remedy = 'make each of them a step of its own (begin it with "- ")';
  report([...path, second], `does several things: ${kinds.join(', ')}`, remedy, 'key');
}

/** Names of all steps: as given, which have to be unique, or what the step does to what. */
export function nameSteps(documents: readonly StepDocument[], report: Report): readonly string[] {
  const cases = documents.map(findCase);
  const taken = new Set<string>();
  for (const [i, step] of cases.entries()) {
    const given = givenName(step);
    if (step === undefined || given === undefined) continue;
    if (taken.has(given)) {
      const path = ['steps', i, step.kind, 'name'];
      report(path, `duplicate name: another step is called ${JSON.stringify(given)}`, RENAME);
    }
    taken.add(given);
  }
  return cases.map((step) => givenName(step) ?? freeName(defaultName(step), taken));
}

const RENAME = 'give each step its own name';

function listKinds(document: StepDocument) {
  return KINDS.filter((kind) => document[kind] !== undefined);
}

function givenName(step: StepCase | undefined): string | undefined {
  return typeof step?.fields === 'object' ? step.fields.name : undefined;
}

function freeName(base: string, taken: Set<string>): string {
  let name = base;
  for (let i = 2; taken.has(name); i++) name = `${base} (${i})`;
  taken.add(name);
  return name;
}

function defaultName(step: StepCase | undefined): string {
  switch (step?.kind) {
    case undefined:
      return 'step';
    case 'pause':
      return 'pause';
    case 'clone':
      return `clone ${step.fields.image}`;
    case 'cleanup':
      return `cleanup ${step.fields.step}`;
    case 'deploy':
    case 'boot':
    case 'stop':
    case 'delete': {
      const templates = wantedIn(step.fields, []).map((wanted) => wanted.template);
      return `${step.kind} ${templates.join(' + ')}`;
    }
    default:
      return unreachable(step);
  }
}
