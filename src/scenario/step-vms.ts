/** What the kinds of step have in common that act on VMs: deploy, boot, stop and delete. */

import { z } from 'zod';
import { count, label } from '../core/values.ts';
import type { VmState } from './inventory.ts';
import type { VmStep, VmTarget } from './scenario.ts';
import { budgets, name, order, via, wave, type WaveDocument } from './step-fields.ts';
import {
  CREATES_NOTHING,
  defineStep,
  settleWaves,
  type StepPlace,
  type StepState,
} from './step-kind.ts';
import { wantedIn, wantedVms, type VmsNamed } from './wanted-vms.ts';

/** A step that brings VMs that are there from one state to another. */
interface Change {
  readonly kind: 'boot' | 'stop' | 'delete';
  readonly from: readonly VmState[];
  readonly to: VmState;
  /** What the VMs are that it can act on. */
  readonly available: string;
  /** What to do where there are too few of them. */
  readonly remedy: string;
}

export function changeVms(change: Change) {
  const { kind } = change;
  const schema = z.strictObject({
    name: name.optional(),
    template: label.optional().describe('Key of a template.'),
    count: count.optional().describe('VMs to act on. Default: all that are there.'),
    templates: z
      .union([z.array(label).min(1), z.record(label, count)])
      .optional()
      .describe('Several templates, or several with the number of VMs of each.'),
    order,
    via,
    wave: wave(kind).prefault({}),
    ...budgets,
  });
  return defineStep({
    schema,
    name: (document) => nameByTemplates(kind, document),
    resolve: (document, place, state) => {
      const targets = moveVms(change, document, place, state);
      return vmStep(kind, document, document.via, targets, place, state);
    },
    ...CREATES_NOTHING,
  });
}

function moveVms(
  { kind, from, to, available, remedy }: Change,
  document: VmsNamed,
  { path }: StepPlace,
  state: StepState,
): readonly VmTarget[] {
  return wantedVms(document, path, state.templates, state.report).map(
    ({ template, count: size, path: at }) => {
      const there = state.inventory.inState(template, from);
      if (!state.doubtful && there.length < (size ?? 1)) {
        const asked = size === undefined ? `nothing to ${kind}` : `asks for ${size} VMs`;
        const found = `${there.length} of template ${template} are ${available} by then`;
        state.report(at, `${asked}: ${found}`, remedy);
      }
      const indices = there.slice(0, size ?? there.length);
      state.inventory.move(template, indices, to);
      return { template, indices };
    },
  );
}

/** `boot rhel9 + windows11`. */
export function nameByTemplates(kind: VmStep['kind'], document: VmsNamed): string {
  return `${kind} ${wantedIn(document, [])
    .map(({ template }) => template)
    .join(' + ')}`;
}

interface InWaves {
  readonly order: 'sequential' | 'mixed';
  readonly wave: WaveDocument;
  readonly errorBudget?: number | undefined;
  readonly waveErrorBudget?: number | undefined;
}

export function vmStep(
  kind: VmStep['kind'],
  document: InWaves,
  how: VmStep['via'],
  targets: readonly VmTarget[],
  { name: called, path }: StepPlace,
  state: StepState,
): VmStep {
  const mixed = document.order === 'mixed';
  const counts = targets.map((target) => target.indices.length);
  const largest = mixed ? counts.reduce((a, b) => a + b, 0) : Math.max(0, ...counts);
  const waves = settleWaves(kind, document, largest, path, state);
  return { kind, name: called, targets, mixed, via: how, waves };
}
