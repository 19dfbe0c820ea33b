/**
 * A summary.json read back, whoever wrote it. Only what the contract of the command line names has
 * to be there; everything beyond it is taken where it is.
 */

import { z } from 'zod';
import type { Summary } from '../../analyse/summary.ts';
import { parseNeutralJson } from '../../core/neutral-text.ts';
import { deepOffset } from '../../core/yaml-depth.ts';
import { parseRfc3339 } from '../../core/time-text.ts';
import type { Manifest } from '../../record/manifest.ts';
import { count, estimate, FIGURES } from './figures-schema.ts';

/** The summary in a text; undefined where it is none. */
export function parseSummary(text: string): Summary | undefined {
  let value: unknown;
  // What is written of it later would go down with it, beyond the end of the stack.
  if (deepOffset(text) !== undefined) return undefined;
  try {
    value = parseNeutralJson(text);
  } catch {
    return undefined;
  }
  const checked = summarySchema.safeParse(value);
  return checked.success ? (checked.data as unknown as Summary) : undefined;
}

/** The manifest, where it has what a history needs. */
export function soundManifest(manifest: Manifest | undefined): Manifest | undefined {
  return manifestSchema.safeParse(manifest).success ? manifest : undefined;
}

const dimensions = z.looseObject({ step: z.string() });

const metric = z.looseObject({
  metric: z.string(),
  dimensions,
  ...FIGURES,
  waves: count.default(0),
});

const stage = z.looseObject({
  of: z.string(),
  dimensions: z.looseObject({}),
  stages: z.array(z.looseObject({ stage: z.string(), seconds: z.number() })),
});

/** There is a place for each wave up to it. */
const WAVE_MAX = 1_000_000;

const wave = z.looseObject({
  dimensions,
  wave: count.max(WAVE_MAX),
  spans: z.record(z.string(), z.looseObject({ p50: estimate })),
});

const summarySchema = z.looseObject({
  schema: z.literal('bench/summary/v1'),
  run: z.looseObject({
    id: z.string().min(1),
    scenario: z.string().min(1),
    target: z.enum(['simulated', 'cluster']),
    seed: z.number(),
    outcome: z.enum(['complete', 'partial', 'failed']),
  }),
  metrics: z.array(metric),
  stages: z.array(stage).default([]),
  waves: z.array(wave).default([]),
  validity: z.looseObject({ valid: z.boolean(), reasons: z.array(z.string()) }).optional(),
});

const facts = z.record(z.string(), z.string());

const manifestSchema = z.looseObject({
  run: z.string(),
  scenario: z.looseObject({ hash: z.string().optional() }),
  started: z.string().refine((text) => parseRfc3339(text) !== undefined),
  host: z.looseObject({ bench: z.string(), node: z.string() }),
  environment: z.looseObject({ name: z.string(), identity: facts, facts }).optional(),
});
