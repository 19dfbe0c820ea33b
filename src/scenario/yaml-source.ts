/**
 * YAML text with positions: the plain value, and where in the text each path of it stands. The
 * limits on size, nesting and aliases are here, because a hostile file must cost nothing.
 */

import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { deepOffset } from '../core/yaml-depth.ts';
import { KEYS_UNCHECKED, keyErrors } from '../core/yaml-keys.ts';
import type { Path } from './path.ts';
import { fileProblem, type Position, type Problem, type Spot } from './problem.ts';

export const SOURCE_LIMIT_BYTES = 1024 * 1024;
/** Nodes that one anchor may be expanded to. */
const ALIAS_LIMIT = 1000;
const DEPTH_LIMIT = 100;

export interface YamlSource {
  readonly file: string;
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
  /** Nodes put in by an override, with the override's text. */
  readonly overridden: Map<Node, string>;
}

/** The source, or why the text is no YAML that we take. */
export function parseYaml(text: string, file: string): YamlSource | readonly Problem[] {
  if (text.length > SOURCE_LIMIT_BYTES) return [tooLarge(file, text.length)];
  const deep = deepOffset(text);
  const lines = new LineCounter();
  if (deep !== undefined) return [at(file, findPosition(text, deep), NESTING)];
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    logLevel: 'error',
    ...KEYS_UNCHECKED,
  });
  const faults = [...document.errors, ...document.warnings, ...keyErrors(document, isPlaceholder)];
  if (faults.length > 0) return toProblems(faults, text, file, lines);
  const nested = deepNode(document);
  if (nested !== undefined) return [at(file, place(lines, nested), NESTING)];
  return { file, document, lines, overridden: new Map() };
}

/** The name in `{{index}}` without quotes: whoever reads the field says so with its path. */
function isPlaceholder(key: Node): boolean {
  const [only, ...others] = isMap(key) ? key.items : [];
  return isScalar(only?.key) && only.value === null && others.length === 0;
}

/** The plain value of a source, or the problem that it is a bomb of aliases. */
export function plainValue(source: YamlSource): { value: unknown } | readonly Problem[] {
  try {
    return { value: source.document.toJS({ maxAliasCount: ALIAS_LIMIT }) };
  } catch {
    const offset = firstAlias(source.document)?.range?.[0] ?? 0;
    return [at(source.file, place(source.lines, offset), ALIASES)];
  }
}

/** Where `path` is; with `key`, where the last field's name is. Ancestors stand in. */
export function locate(source: YamlSource, path: Path, spot: Spot): Position {
  let node: unknown = source.document.contents;
  let found: Position = position(source, node) ?? { file: source.file, line: 1, column: 1 };
  for (const [i, element] of path.entries()) {
    const pair = isMap(resolved(source, node)) ? findPair(source, node, element) : undefined;
    const seq = resolved(source, node);
    const next = pair ? pair.value : isSeq(seq) ? seq.items[Number(element)] : undefined;
    const last = i === path.length - 1;
    const shown = last && spot === 'key' && pair && !isOverridden(source, pair.value);
    if (pair === undefined && next === undefined) return found;
    found = position(source, shown ? pair.key : next) ?? position(source, pair?.key) ?? found;
    node = next;
  }
  return found;
}

/** The problem of a file that is larger than any scenario. */
export function tooLarge(file: string, sizeBytes: number): Problem {
  return fileProblem(
    file,
    `is ${sizeBytes} bytes long; at most ${SOURCE_LIMIT_BYTES} are read`,
    'is it the right file? A scenario needs a few kilobytes',
  );
}

interface Fault {
  readonly message: string;
  readonly remedy: string;
}

const NESTING: Fault = {
  message: `is nested more than ${DEPTH_LIMIT} levels deep`,
  remedy: 'no scenario needs that; look for unbalanced brackets',
};

const ALIASES: Fault = {
  message: `YAML aliases expand to more than ${ALIAS_LIMIT} nodes`,
  remedy: 'write the repeated values out',
};

function at(file: string, where: { line: number; column: number }, fault: Fault): Problem {
  return { file, ...where, path: '', ...fault };
}

/** Names used twice, each; of syntax errors the first alone, since the others follow from it. */
function toProblems(
  faults: readonly YAMLError[],
  text: string,
  file: string,
  lines: LineCounter,
): readonly Problem[] {
  const syntax = faults.find((fault) => fault.code !== 'DUPLICATE_KEY');
  const shown = syntax === undefined ? faults : [syntax];
  return shown.map((fault) =>
    at(file, place(lines, fault.pos[0]), describe(fault, text.slice(fault.pos[0]))),
  );
}

/** `after` is the text from the fault on. */
function describe(fault: YAMLError, after: string): Fault {
  if (fault.message.includes('call stack')) return NESTING;
  switch (fault.code) {
    case 'DUPLICATE_KEY':
      return {
        message: `duplicate name ${/^[^\s:,{}]+/.exec(after)?.[0] ?? ''}: it stands here twice`,
        remedy: 'rename or remove one of them',
      };
    case 'MULTIPLE_DOCS':
      return {
        message: 'a second YAML document begins here',
        remedy: 'keep one document per file',
      };
    case 'TAG_RESOLVE_FAILED':
      return { message: fault.message, remedy: 'remove the tag: plain YAML is enough' };
    case 'TAB_AS_INDENT':
      return { message: fault.message, remedy: 'indent with spaces' };
    default:
      return {
        message: `is no valid YAML: ${fault.message}`,
        remedy: 'mend the YAML at this place or just above it',
      };
  }
}

/** Offset of a node below more than DEPTH_LIMIT collections. */
function deepNode(document: Document.Parsed): number | undefined {
  let found: number | undefined;
  visit(document, {
    Node(_, node, path) {
      if (path.filter(isCollection).length <= DEPTH_LIMIT) return undefined;
      found = node.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return found;
}

function findPosition(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function place(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function position(source: YamlSource, node: unknown): Position | undefined {
  if (!isNode(node)) return undefined;
  const override = source.overridden.get(node);
  if (override !== undefined) {
    return { file: `--set ${override}`, line: undefined, column: undefined };
  }
  if (!node.range) return undefined;
  return { file: source.file, ...place(source.lines, node.range[0]) };
}

function isOverridden(source: YamlSource, node: unknown): boolean {
  return isNode(node) && source.overridden.has(node);
}

function resolved(source: YamlSource, node: unknown): unknown {
  return isAlias(node) ? node.resolve(source.document) : node;
}

function findPair(source: YamlSource, node: unknown, key: string | number): Pair | undefined {
  return pairsByName(resolved(source, node) as YAMLMap).get(String(key));
}

interface Index {
  /** Of the pairs that are in it: an override may have put in more since. */
  readonly length: number;
  readonly pairs: ReadonlyMap<string, Pair>;
}

const INDICES = new WeakMap<YAMLMap, Index>();

/** Of two of a name the first; made once a map, since a map of many names has many problems. */
function pairsByName(map: YAMLMap): ReadonlyMap<string, Pair> {
  const { items } = map;
  const known = INDICES.get(map);
  if (known?.length === items.length) return known.pairs;
  const pairs = new Map<string, Pair>();
  for (const pair of items) {
    const name = String(isScalar(pair.key) ? pair.key.value : pair.key);
    if (!pairs.has(name)) pairs.set(name, pair);
  }
  INDICES.set(map, { length: items.length, pairs });
  return pairs;
}

function firstAlias(document: Document.Parsed): Node | undefined {
  let found: Node | undefined;
  visit(document, {
    Alias(_, alias) {
      found = alias;
      return visit.BREAK;
    },
  });
  return found;
}
