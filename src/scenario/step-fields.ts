/** Fields that steps of several kinds have in a scenario file, and the waves they run in. */

import { z } from 'zod';
import { milestoneWord } from '../catalogue/milestone-marks.ts';
import type { Milestone } from '../catalogue/milestones.ts';
import { type AskedKind, STEP_KINDS } from '../catalogue/step-kinds.ts';
import { guestGoal } from './guest-goal.ts';
import { count, duration, label, period, rate, share } from '../core/values.ts';

export type WaveDocument = z.output<ReturnType<typeof wave>>;

export const name = z
  .string()
  .min(1)
  .max(100)
  .describe('Names the step in results; unique. Default: what it does to what.');

const errorBudget = share.describe(
  "Share of the step's operations that may miss. Default: the scenario's.",
);

const waveErrorBudget = share.describe(
  "Share of a wave's operations that may miss before the run is aborted; 1: never. Default: the " +
    "scenario's.",
);

export const image = label.describe('Key of an image.');

export const via = z
  .enum(['subresource', 'patch'])
  .default('subresource')
  .describe('The start/stop subresource (as virtctl does), or a patch of running / runStrategy.');

export const order = z
  .enum(['sequential', 'mixed'])
  .default('sequential')
  .describe('Templates one after the other, or mixed evenly within each wave.');

/** Fields of all steps that have waves. */
export const budgets = {
  errorBudget: errorBudget.optional(),
  waveErrorBudget: waveErrorBudget.optional(),
} as const;

/** The field `wave` of a step of this kind. */
export function wave(kind: AskedKind) {
  const goals: readonly Milestone[] = STEP_KINDS[kind].goals;
  // What is asked of a guest has to be said.
  const words = goals.filter((goal) => goal !== 'reachable').map((goal) => milestoneWord(goal));
  const [first = 'none'] = words;
  const milestone = z.enum(words);
  const asksGuests = goals.includes('reachable');
  return z
    .strictObject({
      size: count.optional().describe('Operations in a wave. Default: 100, or all if fewer.'),
      pause: duration.optional().describe('From the end of a wave to the next. Default: 0s.'),
      share: share.optional().describe('Share of a wave that must be over. Default: 1.'),
      every: period.optional().describe('Open loop: a wave is released at each such interval.'),
      after: z
        .string()
        .min(1)
        .optional()
        .describe('Each wave follows the wave of the same number of this step beside it.'),
      rate: rate.optional().describe('Open loop: operations a second, evenly spread.'),
      until: (asksGuests ? z.union([milestone, guestGoal]) : milestone)
        .default(first)
        .describe('The milestone.'),
      timeout: period.optional().describe("Of one operation. Default: the scenario's timeouts."),
      ramp: duration.optional().describe("Spreads a wave's starts evenly. Default: 2s."),
      warmup: z
        .number()
        .int()
        .min(0)
        .default(0)
        .describe('So many first waves (of each arm) stay out of the headline figures.'),
      inFlight: count.optional().describe('Operations under way at the same time, at the most.'),
    })
    .describe('Operations are released in waves.');
}
