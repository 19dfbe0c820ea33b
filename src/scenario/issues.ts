/** The schema's findings in our words: what is wrong, and from the schema itself, what would do. */

import type { z } from 'zod';
import { formatPath, type Path } from './path.ts';
import type { Report } from './problem.ts';
import { nearest, suggest } from './suggest.ts';
import { isUnquotedPlaceholder, UNQUOTED } from './unquoted-placeholder.ts';

type Issue = z.core.$ZodIssue;

/** A node of the JSON Schema: where the remedies come from. */
interface SchemaNode {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
}

/** Reports each issue at its place; `schema` is the JSON Schema of the same document. */
export function reportIssues(
  issues: readonly Issue[],
  schema: SchemaNode,
  report: Report,
  prefix: Path = [],
): void {
  const misspelt = misspeltFields(issues, schema, prefix);
  for (const issue of issues) {
    const place = formatPath([...prefix, ...(issue.path as Path)]);
    const missing = issue.code === 'invalid_type' && issue.input === undefined;
    if (!missing || !misspelt.has(place)) reportIssue(issue, schema, report, prefix);
  }
}

/** Paths of the fields that unknown ones were probably meant to be: not missing, but misspelt. */
function misspeltFields(
  issues: readonly Issue[],
  schema: SchemaNode,
  prefix: Path,
): ReadonlySet<string> {
  const found = new Set<string>();
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const path = [...prefix, ...(issue.path as Path)];
    for (const key of issue.keys) {
      const meant = nearest(key, listFields(schemaAt(schema, path)));
      if (meant !== undefined) found.add(formatPath([...path, meant]));
    }
  }
  return found;
}

function reportIssue(issue: Issue, schema: SchemaNode, report: Report, prefix: Path): void {
  const path = [...prefix, ...(issue.path as (string | number)[])];
  const nodes = schemaAt(schema, path);
  if (isUnquotedPlaceholder(issue.input)) return report(path, UNQUOTED.message, UNQUOTED.remedy);
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys) {
        const known = listFields(nodes);
        report([...path, key], `unknown field ${quote(key)}`, suggest(key, known, 'field'), 'key');
      }
      return;
    case 'invalid_union':
      reportUnion(issue, schema, nodes, report, path);
      return;
    case 'invalid_key':
      report(path, `the name ${quote(String(path.at(-1)))} is no DNS-1123 label`, LABEL, 'key');
      return;
    default:
      report(path, formatMessage(issue, nodes), suggestRemedy(issue, nodes));
  }
}

/** Shows the issues of the one branch that was meant, or that none was. */
function reportUnion(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  schema: SchemaNode,
  nodes: readonly SchemaNode[],
  report: Report,
  path: Path,
): void {
  const meant = issue.errors.find((branch) => !branch.some(isWrongType));
  if (meant) return reportIssues(meant, schema, report, path);
  const message = `${valueName(issue.input)} is not what can stand here`;
  report(path, message, `${nearWord(issue.input, nodes)}${expected(nodes)}`);
}

/** `did you mean "exists"? `, where one of the words that can stand there is near. */
function nearWord(input: unknown, nodes: readonly SchemaNode[]): string {
  if (typeof input !== 'string') return '';
  const words = nodes.flatMap(({ anyOf = [] }) => anyOf.flatMap((node) => node.enum ?? []));
  const near = nearest(input, words.map(String));
  return near === undefined ? '' : `did you mean ${quote(near)}? `;
}

function isWrongType(issue: Issue): boolean {
  return (
    issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value')
  );
}

const LABEL = 'use lower-case letters, digits and -, at most 63, a letter or digit at both ends';

function formatMessage(issue: Issue, nodes: readonly SchemaNode[]): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is missing';
      return `expected ${typeName(issue.expected, nodes)}, got ${valueName(issue.input)}`;
    case 'too_small':
      if (issue.origin === 'array') return `needs at least ${String(issue.minimum)} entry`;
      if (issue.origin === 'string') return 'is empty';
      return `is ${String(issue.input)}, ${belowText(issue)} ${String(issue.minimum)}`;
    case 'too_big':
      if (issue.origin === 'string') return `is longer than ${String(issue.maximum)} characters`;
      return `is ${String(issue.input)}, more than ${String(issue.maximum)}`;
    case 'invalid_value':
      return `${valueName(issue.input)} is not known here`;
    case 'invalid_format': {
      const title = findTitle(nodes) ?? 'text of the form needed here';
      return `${valueName(issue.input)} is no ${title}`;
    }
    default:
      return issue.message;
  }
}

function belowText(issue: { readonly inclusive?: boolean }): string {
  return issue.inclusive === false ? 'not above' : 'less than';
}

function suggestRemedy(issue: Issue, nodes: readonly SchemaNode[]): string {
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String);
    const near = nearest(String(issue.input), values);
    const all = `one of: ${values.join(', ')}`;
    return near === undefined ? all : `did you mean ${quote(near)}? ${all}`;
  }
  if (issue.code === 'too_small') return `use ${String(issue.minimum)} or more`;
  if (issue.code === 'too_big') return `use ${String(issue.maximum)} or less`;
  return expected(nodes);
}

/** What would do: forms with examples, choices, then what the field means. */
function expected(nodes: readonly SchemaNode[]): string {
  const all = nodes.flatMap((node) => [node, ...(node.anyOf ?? [])]);
  const texts = [...all.flatMap(describeForm), ...all.flatMap((node) => node.description ?? [])];
  return texts.length === 0 ? 'see `bench schema`' : joined([...new Set(texts)]);
}

/** Forms stand side by side; what a field means are sentences, each after the one before. */
function joined(texts: readonly string[]): string {
  return texts.reduce((before, text) => {
    if (!/^[A-Z]/.test(text)) return `${before}; ${text}`;
    return `${before.endsWith('.') ? before : `${before}.`} ${text}`;
  });
}

function describeForm(node: SchemaNode): readonly string[] {
  const examples = node.examples?.map(String).join(' or ');
  const form = node.title ?? (node.type === 'integer' ? 'whole number' : undefined);
  const such = examples === undefined ? '' : ` such as ${examples}`;
  const choice = node.enum ? [`one of: ${node.enum.map(String).join(', ')}`] : [];
  return form === undefined ? choice : [`write ${withArticle(form)}${such}`];
}

function withArticle(noun: string): string {
  return `${/^([aeiou]|HTTP)/.test(noun) ? 'an' : 'a'} ${noun}`;
}

function findTitle(nodes: readonly SchemaNode[]): string | undefined {
  return nodes.find((node) => node.title !== undefined)?.title;
}

function schemaAt(schema: SchemaNode, path: Path): readonly SchemaNode[] {
  return path.reduce<readonly SchemaNode[]>(
    (nodes, element) => nodes.flatMap((node) => childrenAt(node, element)),
    [schema],
  );
}

function childrenAt(node: SchemaNode, element: string | number): readonly SchemaNode[] {
  const branches = node.anyOf?.flatMap((branch) => childrenAt(branch, element)) ?? [];
  const rest =
    typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined;
  const child = typeof element === 'number' ? node.items : (node.properties?.[element] ?? rest);
  return child ? [child, ...branches] : branches;
}

function listFields(nodes: readonly SchemaNode[]): readonly string[] {
  const all = nodes.flatMap((node) => [node, ...(node.anyOf ?? [])]);
  return [...new Set(all.flatMap((node) => Object.keys(node.properties ?? {})))];
}

function typeName(type: string, nodes: readonly SchemaNode[]): string {
  const title = findTitle(nodes);
  if (title !== undefined) return withArticle(title);
  if (nodes.some((node) => node.type === 'integer')) return 'a whole number';
  switch (type) {
    case 'int':
      return 'a whole number';
    case 'number':
      return 'a number';
    case 'string':
      return 'text';
    case 'object':
    case 'record':
      return 'fields';
    case 'array':
      return 'a list';
    case 'boolean':
      return 'true or false';
    default:
      return type;
  }
}

function valueName(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'fields';
  return typeof value === 'string'
    ? `text ${quote(value)}`
    : `${typeof value} ${JSON.stringify(value)}`;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}
