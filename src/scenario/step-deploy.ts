/** `deploy`: VMs from templates, stopped. */

import { z } from 'zod';
import { count, label } from '../core/values.ts';
import type { VmStep } from './scenario.ts';
import { budgets, name, order, wave } from './step-fields.ts';
import { defineStep, type StepPlace, type StepState } from './step-kind.ts';
import { vmStep, nameByTemplates } from './step-vms.ts';
import { wantedVms } from './wanted-vms.ts';

const schema = z.strictObject({
  name: name.optional(),
  template: label.optional().describe('Key of a template.'),
  count: count.optional().describe('VMs to create, stopped.'),
  templates: z
    .record(label, count)
    .optional()
    .describe('Several templates with the number of VMs of each.'),
  order,
  wave: wave('deploy').prefault({}),
  ...budgets,
});

export const deploy = defineStep({
  schema,
  name: (document) => nameByTemplates('deploy', document),
  resolve,
  objects: () => [],
  deploys: (step: VmStep) => step.targets,
  snapshots: () => [],
});

function resolve(document: z.output<typeof schema>, place: StepPlace, state: StepState): VmStep {
  const { path } = place;
  if (document.template !== undefined && document.count === undefined) {
    state.report([...path, 'count'], 'count is missing', 'say how many VMs to create');
  }
  const wanted = wantedVms(document, path, state.templates, state.report);
  state.doubtful ||= wanted.length === 0 || wanted.some(({ count: size }) => size === undefined);
  const targets = wanted.map(({ template, count: size = 0 }) => ({
    template,
    indices: state.inventory.deploy(template, size),
  }));
  return vmStep('deploy', document, 'subresource', targets, place, state);
}
