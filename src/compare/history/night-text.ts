/**
 * A night as a file: JSON with a line for each figure, so that people can read it, versions can be
 * diffed, and DuckDB or pandas can load a folder of them. Files of older schemas are brought to
 * today's when they are read; what cannot be read is a problem with words, never a night.
 */

import { z } from 'zod';
import { parseNeutralJson } from '../../core/neutral-text.ts';
import { STAGED } from '../../catalogue/metrics.ts';
import { parseRfc3339 } from '../../core/time-text.ts';
import { count, FIGURES } from './figures-schema.ts';
import { type Night, NIGHT_SCHEMA } from './night.ts';

export type ParsedNight =
  | { readonly kind: 'night'; readonly night: Night }
  | { readonly kind: 'broken'; readonly message: string };

type Document = Readonly<Record<string, unknown>>;

/** From each older schema to the one that follows it. */
export type Upgrades = Readonly<Record<string, (older: Document) => Document>>;

/** None yet: v1 is the first schema. */
const UPGRADES: Upgrades = {};

export function parseNight(text: string, upgrades: Upgrades = UPGRADES): ParsedNight {
  let value: unknown;
  try {
    value = parseNeutralJson(text);
  } catch (error) {
    return broken(`is no JSON (${(error as Error).message})`);
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return broken('is no JSON object');
  }
  const document = upgraded(value as Document, upgrades);
  const found = document['schema'];
  if (found !== NIGHT_SCHEMA) {
    const what = typeof found === 'string' ? `has the schema ${found}` : 'names no schema';
    return broken(`${what}; this bench reads ${NIGHT_SCHEMA}`);
  }
  const checked = nightSchema.safeParse(document);
  if (checked.success) return { kind: 'night', night: checked.data as unknown as Night };
  const [issue] = checked.error.issues;
  const where = (issue?.path ?? []).join('.');
  return broken(`is no night: ${where === '' ? '' : `${where}: `}${issue?.message ?? ''}`);
}

/** The text of a night's file, the same for the same night. */
export function nightText(night: Night): string {
  const fields = Object.entries(night).map(
    ([name, value]) => ` ${JSON.stringify(name)}: ${fieldText(value)}`,
  );
  return `{\n${fields.join(',\n')}\n}\n`;
}

function broken(message: string): ParsedNight {
  return { kind: 'broken', message };
}

function upgraded(document: Document, upgrades: Upgrades): Document {
  let current = document;
  // A schema is upgraded at most once: a table that runs in circles ends here too.
  for (const _ of Object.keys(upgrades)) {
    const upgrade = upgrades[String(current['schema'])];
    if (upgrade === undefined) break;
    current = upgrade(current);
  }
  return current;
}

/** Lists an item a line, objects indented, all else as it is. */
function fieldText(value: unknown): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    return `[\n${value.map((item) => `  ${JSON.stringify(item)}`).join(',\n')}\n ]`;
  }
  return JSON.stringify(value, undefined, 1).replaceAll('\n', '\n ');
}

const filing = {
  step: z.string(),
  image: z.string().optional(),
  source: z.string().optional(),
  template: z.string().optional(),
  path: z.string().optional(),
};

const seconds = z.number().nullable();

const facts = z.record(z.string(), z.string());

const instant = z.string().refine((text) => parseRfc3339(text) !== undefined, 'is no time');

const words = z.array(z.string());

const nightSchema = z.looseObject({
  schema: z.literal(NIGHT_SCHEMA),
  run: z.string().min(1),
  scenario: z.string().min(1),
  scenarioHash: z.string().min(1),
  formerHash: z.string().optional(),
  names: z.looseObject({ steps: words, images: words, templates: words }).optional(),
  target: z.enum(['simulated', 'cluster']),
  seed: z.number(),
  started: instant,
  finished: instant.optional(),
  added: instant,
  environment: z.looseObject({
    name: z.string(),
    fingerprint: z.string().min(1),
    identity: facts,
    facts,
  }),
  metrics: z.array(
    z.looseObject({
      metric: z.string(),
      ...filing,
      ...FIGURES,
      waves: count,
    }),
  ),
  stages: z.array(
    z.looseObject({
      of: z.enum(STAGED),
      ...filing,
      seconds: z.record(z.string(), z.number()),
    }),
  ),
  waves: z.array(z.looseObject({ metric: z.string(), ...filing, p50: z.array(seconds) })),
  felt: z
    .array(
      z.looseObject({
        step: z.string(),
        name: z.string(),
        unit: z.string(),
        mean: z.number().optional(),
        max: z.number().optional(),
      }),
    )
    .optional(),
  nodes: z.array(
    z.looseObject({ metric: z.string(), ...filing, p50: z.record(z.string(), seconds) }),
  ),
});
