/**
 * PromQL as far as questions about a simulated cluster go: selectors, a few functions, aggregation
 * by labels, arithmetic and comparison. This is a part of the language; what is left out is refused
 * by name, never answered otherwise than Prometheus would.
 */

import { PromqlError } from './promql-error.ts';
import { type Token, tokenize } from './promql-tokens.ts';

export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | Selector
  | { readonly kind: 'call'; readonly name: FunctionName; readonly of: readonly Expression[] }
  | Aggregation
  | Binary;

export interface Selector {
  readonly kind: 'selector';
  readonly matchers: readonly Matcher[];
  /** Of a range vector, in microseconds. */
  readonly rangeUs: number | undefined;
}

export interface Matcher {
  readonly label: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

export interface Aggregation {
  readonly kind: 'aggregation';
  readonly operator: AggregationOperator;
  readonly mode: 'by' | 'without';
  readonly labels: readonly string[];
  readonly of: Expression;
}

export interface Binary {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

const RANGE_FUNCTIONS = [
  'rate',
  'increase',
  'delta',
  'avg_over_time',
  'max_over_time',
  'min_over_time',
  'sum_over_time',
] as const;
export type RangeFunction = (typeof RANGE_FUNCTIONS)[number];
export type FunctionName = RangeFunction | 'histogram_quantile';

const AGGREGATIONS = ['sum', 'min', 'max', 'avg', 'count'] as const;
export type AggregationOperator = (typeof AGGREGATIONS)[number];

/** By how tightly they bind. */
const BINARY = [
  ['==', '!=', '<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/', '%'],
] as const;
export type BinaryOperator = (typeof BINARY)[number][number];

export function isRangeFunction(name: FunctionName): name is RangeFunction {
  return (RANGE_FUNCTIONS as readonly string[]).includes(name);
}

/** Throws a PromqlError for what is no PromQL, and for the parts of it that are left out. */
export function parsePromql(text: string): Expression {
  const reader = createReader(tokenize(text), text);
  const expression = readBinary(reader, 0);
  const rest = reader.peek();
  if (rest) throw reader.unexpected(rest);
  if (expression.kind === 'selector' && expression.rangeUs !== undefined) {
    throw new PromqlError('a range vector is no answer: put a function like rate around it');
  }
  return expression;
}

interface Reader {
  peek(): Token | undefined;
  /** Steps over the token where it is next. */
  take(text: string): boolean;
  next(): Token;
  expect(text: string): void;
  unexpected(token: Token | undefined): PromqlError;
}

function createReader(tokens: readonly Token[], text: string): Reader {
  let at = 0;
  const is = (wanted: string) => tokens[at]?.kind !== 'string' && tokens[at]?.text === wanted;
  const reader: Reader = {
    peek: () => tokens[at],
    take(wanted) {
      if (!is(wanted)) return false;
      at += 1;
      return true;
    },
    next() {
      const token = tokens[at];
      if (!token) throw reader.unexpected(undefined);
      at += 1;
      return token;
    },
    expect(wanted) {
      if (!reader.take(wanted)) throw reader.unexpected(tokens[at]);
    },
    unexpected(token) {
      if (!token) return new PromqlError('the question ends too early');
      if (LEFT_OUT.has(token.text)) return leftOut(token.text);
      return new PromqlError(`unexpected "${token.text}" at character ${token.at + 1} of ${text}`);
    },
  };
  return reader;
}

const LEFT_OUT: ReadonlySet<string> = new Set(
  'offset @ bool on ignoring group_left group_right and or unless ^ atan2 :'.split(' '),
);

function leftOut(what: string): PromqlError {
  return new PromqlError(
    `the simulated Prometheus does not know ${what}: it knows ${[...AGGREGATIONS].join(', ')} by ` +
      `labels, ${[...RANGE_FUNCTIONS, 'histogram_quantile'].join(', ')}, arithmetic and comparison`,
  );
}

function readBinary(reader: Reader, level: number): Expression {
  const operators: readonly string[] | undefined = BINARY[level];
  if (!operators) return readOperand(reader);
  let left = readBinary(reader, level + 1);
  for (;;) {
    const operator = operators.find((each) => reader.take(each)) as BinaryOperator | undefined;
    if (!operator) return left;
    left = { kind: 'binary', operator, left, right: readBinary(reader, level + 1) };
  }
}

function readOperand(reader: Reader): Expression {
  if (reader.take('-')) {
    const right = readOperand(reader);
    return { kind: 'binary', operator: '-', left: { kind: 'number', value: 0 }, right };
  }
  if (reader.take('(')) {
    const inner = readBinary(reader, 0);
    reader.expect(')');
    return inner;
  }
  const token = reader.peek();
  if (token?.kind === 'number') {
    reader.next();
    return { kind: 'number', value: Number(token.text) };
  }
  if (token?.kind === 'name') return readNamed(reader);
  if (token?.text === '{') return readSelector(reader, undefined);
  throw reader.unexpected(token);
}

const SPECIAL = new Map([
  ['inf', Number.POSITIVE_INFINITY],
  ['nan', Number.NaN],
]);

function readNamed(reader: Reader): Expression {
  const { text: name } = reader.next();
  const special = SPECIAL.get(name.toLowerCase());
  if (special !== undefined) return { kind: 'number', value: special };
  const after = reader.peek()?.text;
  if ((AGGREGATIONS as readonly string[]).includes(name) && /^(\(|by|without)$/.test(after ?? '')) {
    return readAggregation(reader, name as AggregationOperator);
  }
  if (after === '(') return readCall(reader, name);
  return readSelector(reader, name);
}

function readAggregation(reader: Reader, operator: AggregationOperator): Aggregation {
  const before = readGrouping(reader);
  reader.expect('(');
  const of = readBinary(reader, 0);
  reader.expect(')');
  const grouping = before ?? readGrouping(reader) ?? { mode: 'by', labels: [] };
  return { kind: 'aggregation', operator, of, ...grouping };
}

function readGrouping(reader: Reader): Pick<Aggregation, 'mode' | 'labels'> | undefined {
  const mode = reader.take('by') ? 'by' : reader.take('without') ? 'without' : undefined;
  if (!mode) return undefined;
  reader.expect('(');
  const labels: string[] = [];
  while (!reader.take(')')) {
    labels.push(readLabel(reader));
    if (!reader.take(',') && reader.peek()?.text !== ')') throw reader.unexpected(reader.peek());
  }
  return { mode, labels };
}

function readCall(reader: Reader, name: string): Expression {
  const known = [...RANGE_FUNCTIONS, 'histogram_quantile'].includes(name);
  if (!known) throw leftOut(name);
  reader.expect('(');
  const of: Expression[] = [];
  while (!reader.take(')')) {
    of.push(readBinary(reader, 0));
    if (!reader.take(',') && reader.peek()?.text !== ')') throw reader.unexpected(reader.peek());
  }
  checkArguments(name as FunctionName, of);
  return { kind: 'call', name: name as FunctionName, of };
}

function checkArguments(name: FunctionName, of: readonly Expression[]): void {
  const [first, second] = of;
  if (isRangeFunction(name)) {
    const isRange = first?.kind === 'selector' && first.rangeUs !== undefined;
    if (of.length === 1 && isRange) return;
    throw new PromqlError(`${name} takes one range vector, like ${name}(requests_total[5m])`);
  }
  if (of.length === 2 && first?.kind === 'number' && second?.kind !== 'number') return;
  throw new PromqlError(`${name} takes a number and a vector, like ${name}(0.99, buckets)`);
}

function readSelector(reader: Reader, name: string | undefined): Selector {
  const matchers: Matcher[] = [];
  if (name !== undefined) matchers.push({ label: '__name__', operator: '=', value: name });
  if (reader.take('{')) {
    while (!reader.take('}')) {
      matchers.push(readMatcher(reader));
      if (!reader.take(',') && reader.peek()?.text !== '}') throw reader.unexpected(reader.peek());
    }
  }
  if (matchers.length === 0) throw new PromqlError('a selector needs a name or a label');
  return { kind: 'selector', matchers, rangeUs: readRange(reader) };
}

function readMatcher(reader: Reader): Matcher {
  const label = readLabel(reader);
  const operator = reader.next();
  if (!/^(=|!=|=~|!~)$/.test(operator.text)) throw reader.unexpected(operator);
  const value = reader.next();
  if (value.kind !== 'string') throw reader.unexpected(value);
  return { label, operator: operator.text as Matcher['operator'], value: value.text };
}

function readLabel(reader: Reader): string {
  const token = reader.next();
  if (token.kind !== 'name') throw reader.unexpected(token);
  return token.text;
}

function readRange(reader: Reader): number | undefined {
  if (!reader.take('[')) return undefined;
  const token = reader.next();
  if (token.kind !== 'duration') throw reader.unexpected(token);
  reader.expect(']');
  return token.us;
}
