/**
 * Secrets in YAML, found by what it means: a name may stand in its value's line, above it, behind
 * a `?` or in escapes, a value may be an anchor elsewhere, and a list may be a command line.
 */

import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseAllDocuments,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import {
  isSecretName,
  isSecretOption,
  SECRET_DATA,
  SECRET_NAMES,
  secretByMapping,
} from './secret-names.ts';
import { HIDDEN, hideSecrets } from './secrets.ts';
import { deepOffset } from './yaml-depth.ts';

/** Whoever reads YAML refuses longer ones. */
const LENGTH_MAX = 2 ** 20;

/** A path of `--set`. */
const PATH_STEP = new RegExp(`(?:${SECRET_NAMES}|${SECRET_DATA}|stringData)(?=[.[]|$)`, 'i');

/** A part of the text, and what is shown in its place. */
interface Cut {
  readonly start: number;
  readonly end: number;
  readonly shown: string;
}

/** The text, of as many lines, without its secrets; one that is no YAML is taken line by line. */
export function hideYamlSecrets(text: string): string {
  return hideSecrets(hideByMeaning(text));
}

/** Without what is a secret by what the text means; what a line tells is left. */
function hideByMeaning(text: string): string {
  let shown = '';
  let at = 0;
  for (const { start, end, shown: instead } of cutsOf(text)) {
    if (start < at) continue;
    shown += text.slice(at, start) + instead;
    at = end;
  }
  return shown + text.slice(at);
}

/** A text inside a document, which may be one itself: what cloud-init is given, or JSON. */
export function hideTextSecrets(text: string): string {
  return /^\s*[{[]|\n/.test(text) ? hideYamlSecrets(text) : hideSecrets(text);
}

/** `path=value` as `--set` takes it, also behind the name of the option. */
export function hideOverrideSecrets(override: string): string {
  const [, path = '', value] = /^((?:--\w+[= ])?[\w.[\]-]+=)(.*)$/s.exec(override) ?? [];
  if (value === undefined) return hideSecrets(override);
  if (PATH_STEP.test(path.slice(0, -1))) return path + HIDDEN;
  return hideSecrets(path + hideYamlSecrets(value));
}

/** By where they begin, the longest first. */
function cutsOf(text: string): readonly Cut[] {
  if (text.length > LENGTH_MAX || deepOffset(text) !== undefined) return [];
  const cuts: Cut[] = [];
  for (const document of documentsOf(text)) {
    const meantBy = resolver(document);
    const textOf = (node: unknown): string => {
      const meant = meantBy(node);
      return isScalar(meant) ? String(meant.value) : '';
    };
    const hide = (node: unknown): void => {
      const [start, end] = rangeOf(meantBy(node));
      const source = text.slice(start, end).trimEnd();
      if (source === '') return;
      cuts.push({
        start,
        end: start + source.length,
        shown: source.replace(/\S[^\r\n]*/g, HIDDEN),
      });
    };
    visit(document, {
      Map: (_, map) => secretsOfMap(map, textOf).forEach(hide),
      Seq: (_, { items }) =>
        items.filter((_item, i) => i > 0 && isSecretOption(textOf(items[i - 1]))).forEach(hide),
      Scalar(_, scalar) {
        const cut = cutInside(scalar, text);
        if (cut !== undefined) cuts.push(cut);
      },
    });
  }
  return cuts.toSorted((a, b) => a.start - b.start || b.end - a.end);
}

function documentsOf(text: string): readonly Document[] {
  try {
    const documents = parseAllDocuments(text, { uniqueKeys: false, logLevel: 'silent' });
    // What is broken ends elsewhere than it seems to: then lines are the better guess.
    return 'empty' in documents ? [] : documents.filter(({ errors }) => errors.length === 0);
  } catch {
    return [];
  }
}

type TextOf = (node: unknown) => string;

/** The values of a mapping that are secrets as a whole. */
function secretsOfMap({ items }: YAMLMap, textOf: TextOf): readonly unknown[] {
  const field = (name: string) => textOf(items.find(({ key }) => textOf(key) === name)?.value);
  const isByMapping = secretByMapping(field('kind'), field('name') || field('key'));
  return items
    .filter((pair) => isByMapping(textOf(pair.key)) || isSecretPair(pair, textOf))
    .map(({ value }) => value);
}

function isSecretPair({ key, value }: Pair, textOf: TextOf): boolean {
  const names = isMap(key) ? key.items.map((item) => item.key) : isSeq(key) ? key.items : [key];
  const isOfFields = isMap(value) || isSeq(value);
  return names.some((name) => isSecretName(textOf(name).trim(), !isOfFields));
}

/** A text whose source looks otherwise: escapes, lines that are one, or a document of its own. */
function cutInside(scalar: Scalar, text: string): Cut | undefined {
  const { value, type } = scalar;
  if (typeof value !== 'string') return undefined;
  const [start, end] = rangeOf(scalar);
  const source = text.slice(start, end).trimEnd();
  if (source === value) return undefined;
  const isBlock = type === 'BLOCK_LITERAL';
  const hidden = isBlock ? hideByMeaning(value) : hideTextSecrets(value);
  if (hidden === value) return undefined;
  const cut = { start, end: start + source.length };
  if (isBlock) return { ...cut, shown: blockWith(source, value, hidden) };
  const isOneLine = !/[\r\n]/.test(source);
  const shown = isOneLine ? JSON.stringify(hidden) : source.replace(/\S[^\r\n]*/g, HIDDEN);
  return { ...cut, shown };
}

/** The source of a block, as far in as it was, with other lines. */
function blockWith(source: string, value: string, hidden: string): string {
  const [was, is] = [value.split('\n'), hidden.split('\n')];
  const [head, ...lines] = source.split('\n');
  const shown = lines.map((line, i) =>
    was[i] === is[i] ? line : line.slice(0, Math.max(0, indentOf(line) - indentOf(was[i]))) + is[i],
  );
  return [head, ...shown].join('\n');
}

function indentOf(line = ''): number {
  return line.length - line.trimStart().length;
}

function rangeOf(node: unknown): readonly [number, number] {
  const [start = 0, end = 0] = (isNode(node) && node.range) || [];
  return [start, end];
}

/** What an alias stands for; the library would look through the document for each. */
function resolver(document: Document): (node: unknown) => unknown {
  const anchors = new Map<string, Node>();
  const meant = new Map<Alias, Node | undefined>();
  visit(document, {
    Node(_, node) {
      if (isAlias(node)) meant.set(node, anchors.get(node.source));
      else if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return (node) => (isAlias(node) ? meant.get(node) : node);
}
