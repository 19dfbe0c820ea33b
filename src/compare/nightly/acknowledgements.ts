/**
 * Changes of level that somebody has looked into and accepted for a while: a YAML file beside the
 * scenarios. An accepted change stays visible and fails no night until its last day. What a reader
 * would get wrong: an entry is for one change, the one that began about `since`; a later, further
 * change of the same figure is news.
 */

import { parse } from 'yaml';
import { z } from 'zod';
import { parseRfc3339 } from '../../core/time-text.ts';
import { type Change, nightAt, type SeriesFinding } from './judge-series.ts';

export interface Acknowledgement {
  readonly metric: string;
  readonly statistic?: string | undefined;
  readonly step?: string | undefined;
  readonly image?: string | undefined;
  readonly source?: string | undefined;
  readonly template?: string | undefined;
  /** Run id of the first night of the new level, or its date (YYYY-MM-DD). */
  readonly since: string;
  readonly reason: string;
  /** The last day on which it holds, YYYY-MM-DD. */
  readonly until: string;
}

export type ParsedAcknowledgements =
  | { readonly kind: 'acknowledgements'; readonly entries: readonly Acknowledgement[] }
  | { readonly kind: 'broken'; readonly message: string };

/** An entry that fits a change, and whether it still holds tonight. */
export interface Acknowledged {
  readonly entry: Acknowledgement;
  readonly hasExpired: boolean;
}

/** Later nights may move a change point by this many. */
const INDEX_TOLERANCE = 2;

const date = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d$/, 'is no date (YYYY-MM-DD)')
  .refine((text) => parseRfc3339(`${text}T00:00:00Z`) !== undefined, 'is no date');

const entrySchema = z.strictObject({
  metric: z.string().min(1),
  statistic: z.string().optional(),
  step: z.string().optional(),
  image: z.string().optional(),
  source: z.string().optional(),
  template: z.string().optional(),
  since: z.string().min(1),
  reason: z.string().min(1),
  until: date,
});

const fileSchema = z.strictObject({ acknowledged: z.array(entrySchema) });

export function parseAcknowledgements(text: string): ParsedAcknowledgements {
  let value: unknown;
  try {
    // Dates stay text: the core schema of YAML 1.2 has no times.
    value = parse(text, { logLevel: 'error' });
  } catch (error) {
    return { kind: 'broken', message: (error as Error).message };
  }
  const checked = fileSchema.safeParse(value);
  if (checked.success) return { kind: 'acknowledgements', entries: checked.data.acknowledged };
  const issues = checked.error.issues.map(({ path, message }) => {
    return path.length === 0 ? message : `${path.join('.')}: ${message}`;
  });
  return { kind: 'broken', message: issues.join('; ') };
}

/** The entry for this change of level; of several the one that holds longest. */
export function findAcknowledgement(
  entries: readonly Acknowledgement[],
  finding: SeriesFinding,
  change: Change,
): Acknowledged | undefined {
  const tonight = (finding.points.at(-1)?.night.started ?? '').slice(0, 10);
  const [entry] = entries
    .filter((each) => isAbout(each, finding) && beganThere(each, finding, change.index))
    .sort((a, b) => (a.until < b.until ? 1 : -1));
  return entry === undefined ? undefined : { entry, hasExpired: tonight > entry.until };
}

function isAbout(entry: Acknowledgement, { key }: SeriesFinding): boolean {
  const names = ['metric', 'statistic', 'step', 'image', 'source', 'template'] as const;
  return names.every((name) => entry[name] === undefined || entry[name] === key[name]);
}

function beganThere({ since }: Acknowledgement, finding: SeriesFinding, index: number): boolean {
  const nights = finding.points.map((_, i) => nightAt(finding, i));
  const named = nights.findIndex(({ run }) => run === since);
  const isDate = date.safeParse(since).success;
  const dated = isDate ? nights.findIndex(({ started }) => started.slice(0, 10) >= since) : -1;
  const began = named >= 0 ? named : dated;
  return began >= 0 && Math.abs(began - index) <= INDEX_TOLERANCE;
}
