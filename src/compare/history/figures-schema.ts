/** The figures of a metric, alike in summaries and in the nights of a history. */

import { z } from 'zod';

/** Far beyond any run, and small enough to count up to. */
export const count = z.number().int().min(0).max(20_000_000);

const point = z.looseObject({
  value: z.number(),
  lo: z.number().optional(),
  hi: z.number().optional(),
});

export const estimate = z.union([
  point,
  z.looseObject({ over: z.number() }),
  z.looseObject({ never: z.literal(true) }),
]);

export const FIGURES = {
  n: count,
  reached: count,
  failed: count,
  censored: count,
  mean: point.optional(),
  p50: estimate,
  p90: estimate,
  p95: estimate,
  p99: estimate,
  min: point.optional(),
  max: point.optional(),
} as const;
