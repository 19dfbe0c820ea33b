/** The steps of a scenario file and the waves they run in. */

import { z } from 'zod';
import { count, duration, label, period, rate, share } from '../core/values.ts';

export type WaveDocument = StepDocument[Exclude<keyof StepDocument, 'pause'>] extends infer S
  ? S extends { wave: infer W }
    ? W
    : never
  : never;
export type StepDocument = z.infer<typeof step>;
export type CloneDocument = NonNullable<StepDocument['clone']>;
export type DeployDocument = NonNullable<StepDocument['deploy']>;
export type MachinesDocument = NonNullable<StepDocument['boot' | 'stop' | 'delete']>;
export type PauseDocument = NonNullable<StepDocument['pause']>;
export type CleanupDocument = NonNullable<StepDocument['cleanup']>;

/** Text of each milestone by the kind of step, the default first. */
const MILESTONES = {
  clone: ['succeeded', 'bound', 'none'],
  deploy: ['provisioned', 'none'],
  boot: ['guestReady', 'running', 'none'],
  stop: ['stopped', 'none'],
  delete: ['deleted', 'none'],
} as const;

const name = z
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

const image = label.describe('Key of an image.');

const via = z
  .enum(['subresource', 'patch'])
  .default('subresource')
  .describe('The start/stop subresource (as virtctl does), or a patch of running / runStrategy.');

const order = z
  .enum(['sequential', 'mixed'])
  .default('sequential')
  .describe('Templates one after the other, or mixed evenly within each wave.');

const clone = z.strictObject({
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
  wave: wave(MILESTONES.clone).prefault({}),
  cleanup: z.boolean().default(false).describe('Delete the clones after the last arm.'),
  errorBudget: errorBudget.optional(),
  waveErrorBudget: waveErrorBudget.optional(),
});

const deploy = z.strictObject({
  name: name.optional(),
  template: label.optional().describe('Key of a template.'),
  count: count.optional().describe('VMs to create, stopped.'),
  templates: z
    .record(label, count)
    .optional()
    .describe('Several templates with the number of VMs of each.'),
  order,
  wave: wave(MILESTONES.deploy).prefault({}),
  errorBudget: errorBudget.optional(),
  waveErrorBudget: waveErrorBudget.optional(),
});

export const step = z
  .strictObject({
    clone: clone.optional().describe('DataVolumes cloned from an image.'),
    deploy: deploy.optional().describe('VMs created from a template, stopped.'),
    boot: machines(MILESTONES.boot).optional().describe('Deployed VMs started.'),
    stop: machines(MILESTONES.stop).optional().describe('Started VMs stopped.'),
    delete: machines(MILESTONES.delete).optional().describe('Deployed VMs deleted.'),
    cleanup: z
      .strictObject({
        name: name.optional(),
        step: z.string().describe('Name of the clone or deploy step whose objects are deleted.'),
        wave: wave(MILESTONES.delete).prefault({}),
        errorBudget: errorBudget.optional(),
        waveErrorBudget: waveErrorBudget.optional(),
      })
      .optional()
      .describe('What an earlier step created is deleted.'),
    pause: z
      .union([period, z.strictObject({ name: name.optional(), duration: period })])
      .optional()
      .describe('Nothing happens for a while.'),
  })
  .describe('Exactly one of the fields.');

function machines<const M extends readonly [string, ...string[]]>(milestones: M) {
  return z.strictObject({
    name: name.optional(),
    template: label.optional().describe('Key of a template.'),
    count: count.optional().describe('VMs to act on. Default: all that are there.'),
    templates: z
      .union([z.array(label).min(1), z.record(label, count)])
      .optional()
      .describe('Several templates, or several with the number of VMs of each.'),
    order,
    via,
    wave: wave(milestones).prefault({}),
    errorBudget: errorBudget.optional(),
    waveErrorBudget: waveErrorBudget.optional(),
  });
}

function wave<const M extends readonly [string, ...string[]]>(milestones: M) {
  return z
    .strictObject({
      size: count.optional().describe('Operations in a wave. Default: 100, or all if fewer.'),
      pause: duration.optional().describe('From the end of a wave to the next. Default: 0s.'),
      share: share.optional().describe('Share of a wave that must be over. Default: 1.'),
      every: period.optional().describe('Open loop: a wave is released at each such interval.'),
      rate: rate.optional().describe('Open loop: operations a second, evenly spread.'),
      until: z
        .enum(milestones)
        .default(milestones[0] as never)
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
