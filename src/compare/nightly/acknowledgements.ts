/**
 * Changes of level that somebody has looked into and accepted for a while: a YAML file beside the
 * scenarios. An accepted change stays visible and fails no night until its last day. An entry is
 * for one cause, the one that began about `since`; it covers every figure that moved then, unless
 * it names some; a later, further change of the same is news.
 */

import { type Document, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { METRICS } from '../../catalogue/metrics.ts';
import { deepOffset } from '../../core/yaml-depth.ts';
import { KEYS_UNCHECKED, keyErrors } from '../../core/yaml-keys.ts';
import { parseRfc3339, rfc3339 } from '../../core/time-text.ts';
import { keyText } from '../history/series.ts';
import { type Change, nightAt, type SeriesFinding } from './judge-series.ts';

export interface Acknowledgement {
  /** Of another scenario it is left alone. */
  readonly scenario?: string | undefined;
  /** One or several; all where absent. */
  readonly metric?: string | readonly string[] | undefined;
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
  /** `file:line`, as far as it is known. */
  readonly at?: string | undefined;
}

export type ParsedAcknowledgements =
  | { readonly kind: 'acknowledgements'; readonly entries: readonly Acknowledgement[] }
  /** Each with its place: `ack.yaml:3: ...`. */
  | { readonly kind: 'broken'; readonly problems: readonly string[] };

/** An entry that fits a change, and whether it still holds tonight. */
export interface Acknowledged {
  readonly entry: Acknowledgement;
  readonly hasExpired: boolean;
}

/** Later nights may move a change point by this many. */
const INDEX_TOLERANCE = 2;

const LOOKS_LIKE_DATE = /^\d{4}-\d{1,2}-\d{1,2}$/;

/** The 31st of a month that has 30 days would be read as the day after those. */
const isDay = (text: string) => {
  const at = parseRfc3339(`${text}T00:00:00Z`);
  return at !== undefined && rfc3339(at).startsWith(text);
};

const metricName = z.string().refine((name) => Object.hasOwn(METRICS, name), {
  error: ({ input }) => unknownMetric(String(input)),
});

const entrySchema = z.strictObject({
  scenario: z.string().optional(),
  metric: z.union([metricName, z.array(metricName).min(1)]).optional(),
  statistic: z.string().optional(),
  step: z.string().optional(),
  image: z.string().optional(),
  source: z.string().optional(),
  template: z.string().optional(),
  since: z
    .string()
    .min(1)
    .refine((text) => !LOOKS_LIKE_DATE.test(text) || isDay(text), 'is no day of the calendar'),
  reason: z.string().min(1),
  until: z.string().refine(isDay, 'is no date (YYYY-MM-DD)'),
});

const fileSchema = z.strictObject({ acknowledged: z.array(entrySchema) });

const ALIASES = 'its aliases stand for too much: write the repeated values out';

/** Undefined where its aliases are a bomb. */
function plainValue(document: Document.Parsed): { readonly value: unknown } | undefined {
  try {
    return { value: document.toJS() };
  } catch {
    return undefined;
  }
}

/** Reads the file's text; `file` names it in what is said of it. */
export function parseAcknowledgements(text: string, file = 'ack'): ParsedAcknowledgements {
  const deep = deepOffset(text);
  if (deep !== undefined) {
    const line = text.slice(0, deep).split('\n').length;
    return { kind: 'broken', problems: [`${file}:${line}: is nested too deeply`] };
  }
  const lines = new LineCounter();
  // Dates stay text: the core schema of YAML 1.2 has no times.
  const document = parseDocument(text, {
    lineCounter: lines,
    logLevel: 'error',
    ...KEYS_UNCHECKED,
  });
  const place = (offset: number | undefined) =>
    offset === undefined ? file : `${file}:${lines.linePos(offset).line}`;
  const [broken] = [...document.errors, ...keyErrors(document)];
  if (broken !== undefined) {
    const [message] = broken.message.split('\n');
    return { kind: 'broken', problems: [`${place(broken.pos[0])}: ${message}`] };
  }
  const offsetOf = (path: readonly PropertyKey[]): number | undefined => {
    const node = document.getIn(path, true) as { readonly range?: readonly number[] } | undefined;
    return node?.range?.[0] ?? (path.length === 0 ? undefined : offsetOf(path.slice(0, -1)));
  };
  const read = plainValue(document);
  if (read === undefined) return { kind: 'broken', problems: [`${file}: ${ALIASES}`] };
  const checked = fileSchema.safeParse(read.value);
  if (checked.success) {
    const entries = checked.data.acknowledged.map((entry, i) => ({
      ...entry,
      at: place(offsetOf(['acknowledged', i])),
    }));
    return { kind: 'acknowledgements', entries };
  }
  const problems = checked.error.issues.map((issue) => {
    const field = issue.path.join('.');
    return `${place(offsetOf(issue.path))}: ${field === '' ? '' : `${field} `}${messageOf(issue)}`;
  });
  return { kind: 'broken', problems };
}

/** The entry for this change of level; of several the one that holds longest. */
export function findAcknowledgement(
  entries: readonly Acknowledgement[],
  finding: SeriesFinding,
  change: Change,
): Acknowledged | undefined {
  const [entry] = entries
    .filter((each) => isAbout(each, finding) && beganThere(each, finding, change.index))
    .sort((a, b) => (a.until < b.until ? 1 : -1));
  return entry === undefined
    ? undefined
    : { entry, hasExpired: tonightOf([finding]) > entry.until };
}

/** What is wrong with entries, and which are not needed any more, in words with their places. */
export function checkAcknowledgements(
  entries: readonly Acknowledgement[],
  findings: readonly SeriesFinding[],
  scenario: string,
): { readonly problems: readonly string[]; readonly unneeded: readonly string[] } {
  const own = entries.filter((entry) => (entry.scenario ?? scenario) === scenario);
  const problems: string[] = [];
  const unneeded: string[] = [];
  for (const entry of own.filter(({ until }) => until >= tonightOf(findings))) {
    const about = findings.filter((finding) => isAbout(entry, finding));
    const message = mismatch(entry, about, entries);
    if (message !== undefined) problems.push(`${entry.at ?? 'ack'}: ${message}`);
    else if (!about.some((finding) => coversAny(entry, finding))) {
      unneeded.push(
        `${entry.at ?? 'ack'}: nothing that began about ${entry.since} is open any more: ` +
          'take the entry out',
      );
    }
  }
  return { problems, unneeded };
}

/** Why the entry can match nothing; undefined where it does, or its change is over. */
function mismatch(
  entry: Acknowledgement,
  about: readonly SeriesFinding[],
  all: readonly Acknowledgement[],
): string | undefined {
  if (about.length === 0) {
    return 'covers no figure of this run: check metric, statistic, step, image, source, template';
  }
  if (about.every((finding) => indexOfSince(entry, finding) < 0)) {
    return `since ${entry.since}: no night of this series is that run, or of that day or later`;
  }
  if (about.some((finding) => coversAny(entry, finding))) return undefined;
  const open = about.flatMap((finding) =>
    finding.open
      .filter((change) => findAcknowledgement(all, finding, change) === undefined)
      .map(({ index }) => `${keyText(finding.key)} since ${nightAt(finding, index).run}`),
  );
  if (open.length === 0) return undefined;
  return `since ${entry.since}: no change began there; open is ${open.slice(0, 3).join('; ')}`;
}

function coversAny(entry: Acknowledgement, finding: SeriesFinding): boolean {
  return finding.open.some(({ index }) => beganThere(entry, finding, index));
}

function isAbout(entry: Acknowledgement, { key }: SeriesFinding): boolean {
  const names = ['statistic', 'step', 'image', 'source', 'template'] as const;
  const metrics = entry.metric === undefined ? [key.metric] : [entry.metric].flat();
  return (
    metrics.includes(key.metric) &&
    names.every((name) => entry[name] === undefined || entry[name] === key[name])
  );
}

function beganThere(entry: Acknowledgement, finding: SeriesFinding, index: number): boolean {
  const began = indexOfSince(entry, finding);
  return began >= 0 && Math.abs(began - index) <= INDEX_TOLERANCE;
}

function indexOfSince({ since }: Acknowledgement, finding: SeriesFinding): number {
  const nights = finding.points.map((_, i) => nightAt(finding, i));
  const named = nights.findIndex(({ run }) => run === since);
  if (named >= 0 || !isDay(since)) return named;
  return nights.findIndex(({ started }) => started.slice(0, 10) >= since);
}

function tonightOf([finding]: readonly SeriesFinding[]): string {
  return (finding?.points.at(-1)?.night.started ?? '').slice(0, 10);
}

function unknownMetric(name: string): string {
  return `is no metric: '${name}' (${Object.keys(METRICS).join(', ')})`;
}

/** Of a choice that fits nowhere, what the first way of it says. */
function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_union') return issue.message;
  return issue.errors.flat().find(({ code }) => code === 'custom')?.message ?? issue.message;
}
