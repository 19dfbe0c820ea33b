/** The words of a PromQL text. */

import { HOUR, MILLISECOND, MINUTE, SECOND } from '../../core/duration.ts';
import { PromqlError } from './promql-error.ts';

export type Token =
  | { readonly kind: 'name' | 'number' | 'sign'; readonly text: string; readonly at: number }
  /** Its text without quotes and escapes. */
  | { readonly kind: 'string'; readonly text: string; readonly at: number }
  | {
      readonly kind: 'duration';
      readonly text: string;
      readonly at: number;
      readonly us: number;
    };

const DAY = 24 * HOUR;

/** One after the other; white space and comments lie between. */
const WORD = new RegExp(
  [
    String.raw`(?<space>(?:\s|#[^\n]*)+)`,
    String.raw`(?<duration>(?:\d+(?:ms|[smhdwy]))+)(?![\w.])`,
    String.raw`(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])`,
    String.raw`(?<name>[A-Za-z_][\w:]*)`,
    String.raw`(?<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')`,
    String.raw`(?<sign>=~|!~|!=|==|<=|>=|[-+*/%^()[\]{},=<>@:])`,
  ].join('|'),
  'y',
);

const UNITS: Readonly<Record<string, number>> = {
  ms: MILLISECOND,
  s: SECOND,
  m: MINUTE,
  h: HOUR,
  d: DAY,
  w: 7 * DAY,
  y: 365 * DAY,
};

/** Throws a PromqlError at what is no word. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; at = WORD.lastIndex) {
    WORD.lastIndex = at;
    const found = WORD.exec(text)?.groups;
    if (!found) throw new PromqlError(`no PromQL at character ${at + 1} of ${text}`);
    const token = readToken(found, at);
    if (token) tokens.push(token);
  }
  return tokens;
}

function readToken(found: Readonly<Record<string, string | undefined>>, at: number) {
  const { duration, number, name, string, sign } = found;
  if (duration !== undefined) {
    return { kind: 'duration' as const, text: duration, at, us: durationUs(duration) };
  }
  if (number !== undefined) return { kind: 'number' as const, text: number, at };
  if (name !== undefined) return { kind: 'name' as const, text: name, at };
  if (string !== undefined) return { kind: 'string' as const, text: unquoted(string), at };
  return sign === undefined ? undefined : { kind: 'sign' as const, text: sign, at };
}

function durationUs(text: string): number {
  const parts = [...text.matchAll(/(\d+)(ms|[smhdwy])/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0), 0);
}

function unquoted(text: string): string {
  return text.slice(1, -1).replaceAll(/\\(.)/g, (escape, sign: string) => {
    const meant = ESCAPES[sign];
    if (meant === undefined) throw new PromqlError(`${escape} is no escape in ${text}`);
    return meant;
  });
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  '"': '"',
  "'": "'",
};
