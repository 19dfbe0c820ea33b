/**
 * What a manifest has to look like before anything is done with it: it may come from another bench,
 * from somebody else, or from a disk that was full. What only people read may be missing, and
 * fields that are not known stay as they are; what is there has its type.
 */

import { z } from 'zod';
import { parseRfc3339 } from '../core/time-text.ts';

const words = z.record(z.string(), z.string());
const amount = z.number().min(0);
const instant = z.string().refine((text) => parseRfc3339(text) !== undefined, 'is no time');
const texts = z.array(z.string());
/** It becomes the name of a folder. */
const digest = z.string().regex(/^[\w-]{1,128}$/);

const lag = z.looseObject({ p50: amount, p99: amount, max: amount });

const traffic = z.looseObject({
  requests: amount,
  connections: amount,
  watchRequests: amount,
  watchConnections: amount,
});

export const twinSchema = z.looseObject({
  runs: texts,
  cluster: z.string(),
  within: z.record(z.string(), amount),
  unseen: texts.default([]),
  guessed: texts.default([]),
});

export const manifestSchema = z.looseObject({
  schema: z.literal('bench/manifest/v1'),
  run: z.string().min(1),
  scenario: z.looseObject({
    name: z.string().optional(),
    path: z.string().optional(),
    text: z.string().optional(),
    sha256: z.string().optional(),
    overrides: z.array(z.string()).default([]),
    hash: digest.optional(),
    load: digest.optional(),
    series: z.string().optional(),
    facts: words.optional(),
    names: z.looseObject({ steps: texts, images: texts, templates: texts }).optional(),
  }),
  target: z.enum(['simulated', 'cluster']).optional(),
  seed: z.number().optional(),
  namespace: z.string().optional(),
  lookout: z
    .looseObject({
      selector: z.string(),
      namespace: z.string().optional(),
      imageLabel: z.string().optional(),
      timeoutUs: amount,
      waveGapUs: amount,
    })
    .optional(),
  started: instant,
  argv: z.array(z.string()).default([]),
  host: z.looseObject({
    bench: z.string(),
    node: z.string(),
    platform: z.string().optional(),
    cpus: amount.optional(),
    memoryBytes: amount.optional(),
    gitCommit: z.string().optional(),
  }),
  connection: z
    .looseObject({
      kubeconfig: z.string().optional(),
      context: z.string().optional(),
      inCluster: z.boolean().optional(),
    })
    .optional(),
  resumed: z.array(z.string()).optional(),
  removes: z.boolean().optional(),
  cleaned: z.string().optional(),
  removed: z.string().optional(),
  environment: z
    .looseObject({ name: z.string(), identity: words, facts: words, twin: twinSchema.optional() })
    .optional(),
  slo: z
    .array(
      z.looseObject({
        metric: z.string(),
        step: z.string().optional(),
        image: z.string().optional(),
        source: z.string().optional(),
        statistic: z.enum(['mean', 'p50', 'p90', 'p95', 'p99', 'min', 'max']),
        limitSeconds: amount,
      }),
    )
    .optional(),
  feltLimits: z
    .array(
      z.looseObject({
        felt: z.string(),
        unit: z.string(),
        step: z.string().optional(),
        statistic: z.enum(['mean', 'max']),
        limit: amount,
      }),
    )
    .optional(),
  finished: z
    .looseObject({
      at: instant,
      outcome: z.enum(['complete', 'partial', 'failed', 'crashed']),
      reason: z.string().optional(),
      wallUs: amount.optional(),
      rssMaxBytes: amount.optional(),
      history: z.looseObject({ entries: amount, bytes: amount }).optional(),
      traffic: traffic.optional(),
      loopLagUs: lag.optional(),
      gcUs: amount.optional(),
      cpuUs: amount.optional(),
      throttledUs: amount.optional(),
    })
    .optional(),
});
