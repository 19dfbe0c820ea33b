/** What a study file may say: shapes and single values; what joins fields is in study-file.ts. */

import { z } from 'zod';
import { label, subdomain } from '../core/values.ts';

const scalar = z.union([z.string().min(1), z.number(), z.boolean()]);

const set = z.record(z.string(), scalar);

const cluster = z
  .strictObject({
    name: label.describe('Names its row and its runs.'),
    embedded: z.literal(true).optional().describe('A simulated cluster in the process of the run.'),
    kubeconfig: z.string().min(1).optional().describe('A real cluster; relative to this file.'),
    context: z.string().min(1).optional().describe('Of the kubeconfig, where not its current one.'),
    inCluster: z.literal(true).optional().describe('The cluster around the pod.'),
    secret: subdomain
      .optional()
      .describe('In a pod: the Secret that has the kubeconfig. Default: kubeconfig-<name>.'),
    set: set.prefault({}).describe('Fields of the scenario that differ here, by path.'),
    seed: z.int().min(0).optional().describe('Of its first repeat. Default: after those before.'),
  })
  .describe('A cluster: embedded, of a kubeconfig, or the one around the pod.');

export const studySchema = z
  .strictObject({
    name: label.optional().describe('Names the folder. Default: from what is asked.'),
    scenario: z.string().min(1).describe('A scenario file, relative to this one.'),
    set: set.prefault({}).describe('Fields of the scenario, by path, for all runs.'),
    vary: z
      .record(
        z.string(),
        z.union([
          z.array(scalar).min(1),
          z
            .string()
            .regex(/^\d+[A-Za-z%]*\.\.\d+[A-Za-z%]*$/)
            .meta({ title: 'range', examples: ['10..400', '1s..60s'] }),
        ]),
      )
      .prefault({})
      .describe('Fields by path with their values; several make a grid. With until a range.'),
    until: z
      .string()
      .optional()
      .meta({ title: 'level', examples: ['guestReady.p95<=60s'] })
      .describe('Search the range for where this level is kept.'),
    sensitivity: z
      .union([z.literal(true), z.array(z.string().min(1)).min(1)])
      .optional()
      .describe('Each calibrated constant by itself at +-50 %: true, or groups and constants.'),
    repeat: z.int().min(1).max(1000).default(1).describe('Runs of each point on each cluster.'),
    seed: z.int().min(0).optional().describe("Of the first run. Default: the scenario's, else 1."),
    targets: z.array(cluster).min(1).optional().describe('Default: one embedded cluster.'),
  })
  .describe('A study: many runs, one question.');

export type StudyDocument = z.infer<typeof studySchema>;
export type ClusterDocument = NonNullable<StudyDocument['targets']>[number];

let made: Record<string, unknown> | undefined;

/** JSON Schema, draft 2020-12, of study files: made once, like that of scenarios. */
export function studyJsonSchema(): Record<string, unknown> {
  made ??= z.toJSONSchema(studySchema, { io: 'input', target: 'draft-2020-12' });
  return made;
}
