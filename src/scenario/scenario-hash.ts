/**
 * What makes two runs measure the same thing: storage, images, templates, steps and time-outs, with
 * their defaults filled in. Limits and error budgets judge a run but do not change what it
 * measures, and neither do `simulation`, seeds, names of files or comments; they stay out, so that
 * a series of nights goes on when they change.
 */

import { createHash } from 'node:crypto';
import { stableJson } from '../core/json.ts';
import type { Scenario, Step } from './scenario.ts';

export type Measured = Pick<Scenario, 'storage' | 'images' | 'templates' | 'steps' | 'timeouts'>;

/** Raised when the meaning of what is hashed changes; then all series begin anew. */
const HASH_VERSION = 1;

/** SHA-256 in hexadecimal digits. */
export function scenarioHash(scenario: Measured): string {
  const measured = { version: HASH_VERSION, ...measuredFields(scenario) };
  return createHash('sha256').update(stableJson(measured)).digest('hex');
}

/** What is hashed: recorded with a run, so that a later one can tell what differs by name. */
export function measuredFields({ storage, images, templates, steps, timeouts }: Measured) {
  return {
    storage,
    images,
    templates: templates.map(({ key, image, tree }) => ({ key, image, tree })),
    steps: steps.map(withoutBudget),
    timeouts,
  };
}

function withoutBudget(step: Step): unknown {
  if (!('waves' in step)) return step;
  const { errorBudget: _, waveErrorBudget: __, ...waves } = step.waves;
  return { ...step, waves };
}
