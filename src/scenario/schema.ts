/**
 * The one schema of scenario files: it checks shapes and single values and fills in defaults;
 * rules that join several fields are in resolve.ts. Editors complete from `jsonSchema`.
 */

import { z } from 'zod';
import { METRIC_PROFILES, METRIC_UNITS, type MetricProfile } from '../catalogue/metric-profiles.ts';
import { SERVICE_LEVEL_METRICS } from '../catalogue/metric-sets.ts';
import { simulation } from './simulation-schema.ts';
import { step } from './steps.ts';
import { duration, label, period, quantity, share, subdomain } from '../core/values.ts';

const storage = z
  .strictObject({
    class: subdomain.describe('Storage class of images, clones and disks.'),
    snapshotClass: subdomain.optional().describe('Needed where snapshots are taken.'),
    accessModes: z
      .array(z.enum(['ReadWriteMany', 'ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteOncePod']))
      .min(1)
      .default(['ReadWriteMany']),
    volumeMode: z.enum(['Block', 'Filesystem']).default('Block'),
  })
  .describe('Where disks live.');

const reference = z.strictObject({ namespace: label.optional(), name: subdomain });

const image = z
  .strictObject({
    import: z
      .strictObject({
        url: z
          .string()
          .regex(/^https?:\/\/\S+$/)
          .optional()
          .meta({ title: 'HTTP URL', examples: ['http://images.example/rhel9.qcow2'] })
          .describe('Downloaded over HTTP.'),
        registry: z
          .string()
          .regex(/^(docker|oci-archive):\/\/\S+$/)
          .optional()
          .meta({ title: 'registry URL', examples: ['docker://quay.io/containerdisks/fedora:42'] })
          .describe('Pulled from a container registry.'),
      })
      .optional()
      .describe('Exactly one of url and registry.'),
    from: z
      .strictObject({
        pvc: reference.optional(),
        snapshot: reference.optional(),
        dataSource: reference.optional(),
      })
      .optional()
      .describe('Exactly one existing object that the image is made from.'),
    size: quantity.describe('How large the disk is.'),
    name: subdomain.optional().describe('Of the DataVolume and PVC. Default: <key>-image.'),
    snapshotName: subdomain.optional().describe('Default: <key>-snap.'),
    namespace: label.optional().describe("Default: the run's namespace."),
  })
  .describe('A golden image: exactly one of import and from.');

const template = z
  .strictObject({
    file: z.string().min(1).optional().describe('A manifest, relative to the scenario.'),
    vm: z.record(z.string(), z.unknown()).optional().describe('The manifest itself.'),
    cpu: z.int().min(1).max(710).optional().describe('Short form: vCPUs. Default: 1.'),
    memory: quantity.optional().describe('Short form: memory of the guest. Default: 2Gi.'),
    disk: quantity.optional().describe("Short form: the root disk. Default: the image's size."),
    image: label.optional().describe('The image of the root disk. Default: found by reference.'),
  })
  .describe('A VM: a manifest with placeholders in file or vm, or its short form.');

const timeouts = z
  .strictObject({
    import: period.prefault('1h'),
    snapshot: period.prefault('10m'),
    clone: period.prefault('2h'),
    deploy: period.prefault('2h'),
    boot: period.prefault('10m'),
    stop: period.prefault('10m'),
    delete: period.prefault('2h'),
    apply: period.prefault('30m'),
    act: period.prefault('30m'),
  })
  .describe('From the intended start of one operation to its deadline.');

const serviceLevel = z.strictObject({
  metric: z.enum([...SERVICE_LEVEL_METRICS]),
  step: z.string().optional().describe('Name of a step. Default: each that has the metric.'),
  image: label.optional(),
  source: z.enum(['pvc', 'snapshot']).optional(),
  percentile: z.enum(['p50', 'p90', 'p95', 'p99', 'mean', 'min', 'max']).default('p95'),
  max: duration.describe('The limit.'),
});

const feltLevel = z.strictObject({
  felt: z.string().min(1).describe('Name of a question of `metrics`.'),
  step: z.string().optional().describe('Name of a step. Default: each that has an answer.'),
  statistic: z.enum(['mean', 'max']).default('max').describe('Over all values of all series.'),
  max: z
    .union([z.number().min(0), z.string()])
    .describe('The limit: a number, or a duration of seconds, or a size of bytes.'),
});

const PROFILES = Object.keys(METRIC_PROFILES) as [MetricProfile, ...MetricProfile[]];

const profile = z.enum(PROFILES).describe('Questions that come with bench.');

const metricsDetails = z.strictObject({
  profile: profile.optional(),
  queries: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(60).describe('Names it in results.'),
        query: z.string().min(1).describe('PromQL.'),
        unit: z.enum(METRIC_UNITS).default('count'),
      }),
    )
    .default([])
    .describe('Further questions.'),
  every: period.prefault('15s').describe('A value at each such interval.'),
});

const metrics = z
  .union([profile.transform((name) => metricsDetails.parse({ profile: name })), metricsDetails])
  .describe("What the cluster's Prometheus is asked about each step: see --prometheus.");

const WAVE_ERROR_BUDGET =
  "Share of a wave's operations that may miss before the run is aborted: it starts nothing more, " +
  'and reports what there is. 1: never; one miss alone exceeds none but 0. ' +
  'Default: 0.5, or errorBudget where that is more.';

export const scenarioSchema = z
  .strictObject({
    name: label.describe('Names the folders of results.'),
    description: z.string().optional(),
    series: label
      .optional()
      .describe('Nights of this name are one series. Default: those of the same load.'),
    namespace: label.optional().describe('Default: a namespace of the run.'),
    storage,
    images: z.record(label, image).prefault({}),
    templates: z.record(label, template).prefault({}),
    steps: z.array(step).min(1).describe('Performed in this order.'),
    timeouts: timeouts.prefault({}),
    errorBudget: share
      .default(0)
      .describe('Share of operations that may miss before the run counts as incomplete.'),
    waveErrorBudget: share.optional().describe(WAVE_ERROR_BUDGET),
    slo: z
      .array(z.union([serviceLevel, feltLevel]))
      .default([])
      .describe('Limits that `bench gate` judges.'),
    metrics: metrics.optional(),
    simulation: simulation.prefault({}),
  })
  .describe('A bench scenario.');

export type ScenarioDocument = z.infer<typeof scenarioSchema>;
export type ImageDocument = z.infer<typeof image>;
export type TemplateDocument = z.infer<typeof template>;
export type ServiceLevelDocument = z.infer<typeof serviceLevel>;
export type FeltLevelDocument = z.infer<typeof feltLevel>;

let made: Record<string, unknown> | undefined;

/** JSON Schema, draft 2020-12, of scenario files: made once, since each wrong field asks for it. */
export function jsonSchema(): Record<string, unknown> {
  made ??= z.toJSONSchema(scenarioSchema, { io: 'input', target: 'draft-2020-12' });
  return made;
}
