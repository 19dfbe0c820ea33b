/** `clone`: DataVolumes from an image, from its PVC, its snapshot, or both as arms. */

import { z } from 'zod';
import { count } from '../core/values.ts';
import { cloneName } from './clone-name.ts';
import type { CloneStep } from './scenario.ts';
import { budgets, image, name, wave } from './step-fields.ts';
import { defineStep, settleWaves, type StepPlace, type StepState } from './step-kind.ts';
import { checkKnown } from './suggest.ts';

const schema = z.strictObject({
  name: name.optional(),
  image,
  sources: z
    .array(z.enum(['pvc', 'snapshot']))
    .min(1)
    .default(['pvc', 'snapshot'])
    .describe('What is cloned: one arm each.'),
  order: z
    .enum(['sequential', 'interleaved'])
    .default('sequential')
    .describe('Arms one after the other, or alternating by waves: A B B A.'),
  count: count.describe('Clones per arm.'),
  wave: wave('clone').prefault({}),
  bindImmediately: z
    .boolean()
    .default(false)
    .describe('Filled at once, also by a storage class that waits for a first consumer.'),
  cleanup: z.boolean().default(false).describe('Delete the clones after the last arm.'),
  ...budgets,
});

export const clone = defineStep({
  schema,
  name: (document) => `clone ${document.image}`,
  resolve,
  objects: cloneNames,
  deploys: () => [],
  snapshots: (step: CloneStep) =>
    step.arms.some(({ source }) => source === 'snapshot') ? [step.image] : [],
});

function resolve(
  document: z.output<typeof schema>,
  { name: called, path }: StepPlace,
  state: StepState,
): CloneStep {
  const { image: key, sources, count: size } = document;
  checkKnown(key, state.images, 'image', [...path, 'image'], state.report);
  for (const [i, source] of sources.entries()) {
    if (sources.indexOf(source) === i) continue;
    state.report([...path, 'sources', i], `duplicate source ${source}`, 'name each source once');
  }
  const arms = [...new Set(sources)].map((source) => ({
    image: key,
    source,
    ...(document.bindImmediately ? { bindImmediately: true as const } : {}),
    first: state.inventory.clone(key, source, size),
    count: size,
  }));
  const interleaved = document.order === 'interleaved';
  if (interleaved && arms.length < 2) {
    state.report([...path, 'order'], 'there is one source only', 'name two sources, or drop order');
  }
  const waves = settleWaves('clone', document, size, path, state);
  const { cleanup } = document;
  return { kind: 'clone', name: called, image: key, arms, interleaved, cleanup, waves };
}

function* cloneNames(step: CloneStep): Iterable<readonly [string, string]> {
  for (const arm of step.arms) {
    for (let i = 0; i < arm.count; i++) {
      yield ['DataVolume', cloneName(arm.image, arm.source, arm.first + i)];
    }
  }
}
