/**
 * Whether a line of a history has the shape of its entry: what is read here may come from a damaged
 * disk, a newer bench or somebody else's hand. Checked by hand and not by a schema library, since a
 * big run has ten million lines. The table below names each field of each entry: one that is added
 * to an entry and not here does not compile.
 */

import { MILESTONES } from '../catalogue/milestones.ts';
import { VERBS } from '../catalogue/verbs.ts';
import type { Entry } from './entry.ts';

/** What is wrong with the entry, as `field: what it is not`; undefined where nothing is. */
export function findFault(value: object): string | undefined {
  const kind = (value as { readonly e?: unknown }).e;
  const entry = value as Readonly<Record<string, unknown>>;
  for (const { name, is, isOptional, what } of FIELDS.get(kind as string) ?? UNKNOWN) {
    const field = entry[name];
    if (field === undefined ? !isOptional : !is(field)) return `'${name}' is no ${what}`;
  }
  return undefined;
}

type Is = (value: unknown) => boolean;

interface Rule {
  readonly what: string;
  readonly is: Is;
}

type Optional<T> = undefined extends T ? true : false;

/** A rule for each field; of an optional one it is wrapped by `maybe`. */
type Rules<E> = {
  readonly [F in keyof E]-?: Optional<E[F]> extends true ? { readonly maybe: Rule } : Rule;
};

type RuleTable = { readonly [E in Entry as E['e']]: Rules<Omit<E, 'e'>> };

/** Far beyond any run, and small enough to count up to. */
const COUNT_MAX = 20_000_000;
/** Disks of one VM. */
const DISKS_MAX = 1000;
/** Sums of times stay exact. */
const TIME_MAX = 2 ** 52;

const text: Rule = { what: 'text', is: (value) => typeof value === 'string' };
const flag: Rule = { what: 'truth value', is: (value) => typeof value === 'boolean' };
const number: Rule = { what: 'number', is: (value) => Number.isFinite(value) };
const share: Rule = {
  what: 'share from 0 to 1',
  is: (value) => typeof value === 'number' && value >= 0 && value <= 1,
};
const count = wholeUpTo(COUNT_MAX, 'count');
const bytes = wholeUpTo(Number.MAX_SAFE_INTEGER, 'number of bytes');
const time: Rule = {
  what: 'time',
  is: (value) => typeof value === 'number' && value >= 0 && value <= TIME_MAX,
};
/** A difference of times, or one that counts from somewhere else. */
const offset: Rule = {
  what: 'time',
  is: (value) => typeof value === 'number' && Math.abs(value) <= TIME_MAX,
};

function wholeUpTo(max: number, what: string): Rule {
  return {
    what,
    is: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max,
  };
}

function oneOf(...words: readonly string[]): Rule {
  return {
    what: `one of ${words.join(', ')}`,
    is: (value) => typeof value === 'string' && words.includes(value),
  };
}

function list(what: string, is: Is): Rule {
  return { what: `list of ${what}`, is: (value) => Array.isArray(value) && value.every(is) };
}

function maybe(rule: Rule) {
  return { maybe: rule };
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function isVariant(value: unknown): boolean {
  return isFields(value) && Object.values(value).every((each) => typeof each === 'string');
}

function isChange(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const [name, now, stamp, clock] = value as readonly unknown[];
  if (typeof name !== 'string' || typeof now !== 'string') return false;
  if (stamp === undefined) return true;
  return offset.is(stamp) && (clock === undefined || count.is(clock));
}

const milestone = oneOf(...Object.keys(MILESTONES), 'none');

const neverBegun: Rule = {
  what: 'list of steps',
  is: (value) => Array.isArray(value) && value.every(isNeverBegun),
};

function isNeverBegun(value: unknown): boolean {
  const { kind, until, operations } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return text.is(kind) && milestone.is(until) && count.is(operations);
}

function isSeries(value: unknown): boolean {
  if (!isFields(value) || !isVariant(value['labels'])) return false;
  const { values } = value as { readonly values?: unknown };
  const isPoint = (point: unknown) =>
    Array.isArray(point) && point.length === 2 && offset.is(point[0]) && number.is(point[1]);
  return Array.isArray(values) && values.every(isPoint);
}

const counters: Rule = {
  what: 'list of counters',
  is: (value) => isFields(value) && Object.values(value).every((each) => Number.isFinite(each)),
};

const verb = oneOf(...Object.keys(VERBS));
const outcome = oneOf('complete', 'partial', 'failed');

const RULES: RuleTable = {
  header: {
    schema: text,
    run: text,
    scenario: text,
    target: oneOf('simulated', 'cluster'),
    seed: number,
    maker: maybe(text),
  },
  anchor: { session: count, t: time, wall: offset },
  step: {
    t: time,
    s: count,
    kind: text,
    name: text,
    variants: list('variants', isVariant),
    until: milestone,
    probe: maybe(text),
    churn: maybe(text),
    waves: count,
    operations: count,
    timeoutUs: time,
    errorBudget: share,
    loop: oneOf('closed', 'open'),
    interleaved: maybe(flag),
    inFlightMax: maybe(count),
    stages: maybe(list('names', text.is)),
    waveGapUs: maybe(time),
  },
  wave: { t: time, s: count, w: count, n: count, warmup: maybe(flag) },
  waveEnd: { t: time, s: count, w: count, reached: count, failed: count, censored: count },
  send: {
    t: time,
    p: count,
    s: count,
    w: count,
    v: verb,
    k: text,
    n: text,
    i: maybe(time),
    x: maybe(count),
    disks: maybe(wholeUpTo(DISKS_MAX, 'number of disks')),
  },
  ack: {
    t: time,
    p: count,
    c: count,
    u: maybe(text),
    tries: maybe(count),
    g: maybe(count),
    d: maybe(offset),
  },
  stage: { t: time, p: count, g: count, l: maybe(offset) },
  picked: { t: time, s: count, places: list('places', text.is) },
  kind: { t: time, k: text, group: text, version: text, plural: text, namespaced: flag },
  made: { t: time, k: text, n: text, u: text },
  miss: {
    t: time,
    p: count,
    how: oneOf('failed', 'censored'),
    reason: text,
    class: maybe(text),
    message: maybe(text),
  },
  why: { t: time, p: count, class: maybe(text), message: text },
  obj: {
    t: time,
    o: count,
    k: text,
    n: text,
    ns: maybe(text),
    u: text,
    own: maybe(count),
    ownUid: maybe(text),
    at: maybe(offset),
    l: maybe(offset),
    src: maybe(text),
    of: maybe(text),
    img: maybe(text),
    w: maybe(count),
  },
  tr: {
    t: time,
    o: count,
    c: list('changes', isChange),
    l: maybe(offset),
    coalesced: maybe(flag),
    probed: maybe(flag),
  },
  del: { t: time, o: count, l: maybe(offset) },
  clock: { c: count, name: text },
  offset: {
    t: time,
    clock: text,
    lo: offset,
    hi: maybe(offset),
    n: maybe(count),
    late: maybe(offset),
  },
  gap: { k: text, from: offset, t: time, cause: text, relist: flag },
  usage: {
    t: time,
    s: count,
    w: maybe(count),
    usedBytes: bytes,
    totalBytes: maybe(bytes),
    asOf: maybe(count),
  },
  dataSource: { t: time, n: text, src: text },
  metric: { t: time, s: count, n: text, unit: text, q: text, series: list('series', isSeries) },
  note: { t: time, what: text, p: maybe(count), message: maybe(text) },
  end: {
    t: time,
    outcome,
    reason: maybe(text),
    counters: maybe(counters),
    neverBegun: maybe(neverBegun),
  },
};

type Field = Rule & { readonly name: string; readonly isOptional: boolean };

/** Of a newer bench, perhaps: whoever folds entries leaves it out, but for its time. */
const UNKNOWN: readonly Field[] = [{ name: 't', ...time, isOptional: true }];

const FIELDS: ReadonlyMap<string, readonly Field[]> = new Map(
  Object.entries(RULES).map(([kind, rules]) => [
    kind,
    Object.entries(rules as Readonly<Record<string, Rule | { readonly maybe: Rule }>>).map(
      ([name, rule]) =>
        'maybe' in rule
          ? { name, ...rule.maybe, isOptional: true }
          : { name, ...rule, isOptional: false },
    ),
  ]),
);
