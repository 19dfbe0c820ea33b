/**
 * What is to go wrong on the simulated cluster, as a scenario orders it and as the admin endpoint
 * of a served cluster takes it. Every share is a probability for each request, event or object.
 */

import { z } from 'zod';
import { count, duration, period, share, subdomain } from '../core/values.ts';

const watches = z
  .strictObject({
    cutAfterEvents: count.optional().describe('Each connection breaks after so many events.'),
    cutAfter: period.optional().describe('Each connection breaks about so long after opening.'),
    cutCompacts: z.boolean().default(false).describe('A cut also forgets history: 410 follows.'),
    stall: z
      .strictObject({ every: period, for: period })
      .optional()
      .describe('Streams fall silent, then everything comes at once.'),
    duplicate: share.optional().describe('Events that are delivered twice.'),
    coalesce: period.optional().describe('Changes of an object within this time become one.'),
    delay: z
      .strictObject({ share, max: period })
      .optional()
      .describe('Events that are late, and all behind them.'),
  })
  .optional()
  .describe('What befalls watches.');

const requests = z
  .strictObject({
    throttle: z
      .strictObject({ share, retryAfter: z.number().int().min(1).max(600).default(1) })
      .optional()
      .describe('Writes answered with 429 and Retry-After, in seconds.'),
    errors: share.optional().describe('Writes answered with 500, 503 or 504.'),
    lostCreates: share.optional().describe('Creations that happen while their answer is lost.'),
    drops: share.optional().describe('Requests whose connection breaks.'),
    latency: period.optional().describe('Requests take up to this much longer.'),
    slowBodies: z
      .strictObject({ share, bytesPerSecond: count })
      .optional()
      .describe('Answers whose bodies trickle; only over HTTPS.'),
  })
  .optional()
  .describe('What befalls requests.');

const server = z
  .strictObject({
    compactEvery: period.optional().describe('History is forgotten: old versions get 410.'),
    restart: z
      .strictObject({ every: period, for: period })
      .optional()
      .describe('Nobody answers for a while.'),
    clockSteps: z
      .array(z.strictObject({ after: duration, by: duration, back: z.boolean().default(false) }))
      .default([])
      .describe("The server's own clock jumps, forward or back."),
  })
  .optional()
  .describe('What befalls the API server itself.');

const nodes = z
  .strictObject({
    down: z
      .array(z.strictObject({ node: subdomain, after: duration, for: period.optional() }))
      .default([])
      .describe('Nodes that lose their power, for good where `for` is missing.'),
    skew: period.optional().describe('Clocks of nodes are off by up to this much.'),
  })
  .optional()
  .describe('What befalls nodes.');

const lab = z
  .strictObject({
    unresolved: z
      .array(z.string().min(1))
      .default([])
      .describe('Packages that OLM finds no version of: ResolutionFailed.'),
    webhookAfter: period
      .optional()
      .describe("HyperConverged's webhook has no endpoints for so long after the installation."),
    dirtyDisks: z
      .array(subdomain)
      .default([])
      .describe('Nodes whose disk bears the signature of an earlier Ceph.'),
    stuckPrepares: z
      .array(subdomain)
      .default([])
      .describe('Nodes where the preparation of an OSD never ends.'),
  })
  .optional()
  .describe('What befalls the bringing up of a lab; for a cluster that begins bare.');

/** In microseconds. */
export type LabFaults = NonNullable<z.output<typeof lab>>;

export const faults = z
  .strictObject({
    befalls: z
      .enum(['clients', 'everyone'])
      .default('clients')
      .describe("Whose connections fail: those from outside, or the controllers' as well."),
    watches,
    requests,
    server,
    volumes: z
      .strictObject({
        lost: share.optional().describe('Claims that lose their volume: the DataVolume fails.'),
        copied: share.optional().describe('Clones that fall back to a copy on the host.'),
      })
      .optional()
      .describe('What befalls volumes.'),
    guests: z
      .strictObject({
        neverBoot: share.optional().describe('Guests that power on and never come up.'),
      })
      .optional()
      .describe('What befalls guests.'),
    nodes,
    lab,
  })
  .describe('What goes wrong. Seeded: the same seed orders the same faults.');

/** Durations in microseconds, shares from 0 to 1. */
export type SimulatedFaults = z.output<typeof faults>;

/** The faults of a JSON document, or what is wrong with it, one line each. */
export function parseFaults(
  document: unknown,
): { readonly faults: SimulatedFaults } | { readonly problems: readonly string[] } {
  const result = faults.safeParse(document);
  if (result.success) return { faults: result.data };
  return {
    problems: result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
  };
}
