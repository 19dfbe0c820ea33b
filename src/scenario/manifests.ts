/** Manifests of any kind in a scenario: read, checked as far as bench understands them. */

import { deepFreeze } from '../core/json.ts';
import type { Path } from './path.ts';
import { type Problem, type Report, reporter } from './problem.ts';
import type { ReadFile } from './read-file.ts';
import type { AnyManifest } from './scenario.ts';
import { at, type Values } from './template.ts';
import { checkPlaceholders } from './template-rules.ts';
import { locate, parseYaml, plainValue } from './yaml-source.ts';
import { namesIn } from './placeholder.ts';

export interface ManifestContext {
  readonly readFile: ReadFile;
  readonly problems: Problem[];
  readonly report: Report;
  /** Of placeholders that are the same for every object. */
  readonly values: Values;
}

interface Found {
  readonly tree: unknown;
  readonly report: Report;
}

/** Those of a file, one a YAML document. */
export function manifestsOfFile(
  file: string,
  path: Path,
  context: ManifestContext,
): readonly Found[] {
  const read = context.readFile(file);
  if ('message' in read) {
    context.report(path, `${file}: ${read.message}`, read.remedy);
    return [];
  }
  return splitDocuments(read.text).flatMap((text) => {
    const source = parseYaml(text, read.file);
    const plain = 'document' in source ? plainValue(source) : source;
    if (!('document' in source) || !('value' in plain)) {
      context.problems.push(...(plain as readonly Problem[]));
      return [];
    }
    if (plain.value === null) return [];
    const report = reporter(context.problems, (below, spot) => locate(source, below, spot));
    return [{ tree: plain.value, report }];
  });
}

/** Each document after as many empty lines as stand before it: positions stay those of the file. */
function splitDocuments(text: string): readonly string[] {
  const documents: string[] = [];
  let document: string[] = [];
  const lines = text.split('\n');
  for (const [i, line] of lines.entries()) {
    if (/^---(\s|$)/.test(line)) {
      documents.push(document.join('\n'));
      document = Array.from({ length: i + 1 }, () => '');
    } else document.push(line);
  }
  return [...documents, document.join('\n')].filter((each) => each.trim() !== '');
}

export function manifestsWritten(
  trees: readonly unknown[],
  path: Path,
  { report }: ManifestContext,
): readonly Found[] {
  return trees.map((tree, i) => ({
    tree,
    report: (below, ...rest) =>
      report(
        trees.length === 1 && path.at(-1) === 'template'
          ? [...path, ...below]
          : [...path, i, ...below],
        ...rest,
      ),
  }));
}

/** Stands for what only a run knows. */
const SAMPLE = { namespace: 'namespace-of-the-run', runId: 'run', index: 1, name: 'object-1' };

/** Undefined where something is wrong with it, which has been reported. */
export function checkedManifest(
  { tree: written, report }: Found,
  count: number,
  key: string,
  context: ManifestContext,
): AnyManifest | undefined {
  const before = context.problems.length;
  const tree = deepFreeze(written);
  const apiVersion = at(tree, 'apiVersion');
  const kind = at(tree, 'kind');
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    report([], 'is no object: apiVersion or kind is missing', 'give a manifest', 'key');
    return undefined;
  }
  const name = at(tree, 'metadata', 'name');
  if (typeof name !== 'string') {
    const remedy = 'name it in metadata.name: a name that the server makes up could not be resumed';
    report(['metadata'], 'has no name', remedy, 'key');
  } else if (count > 1 && !namesIn(name).includes('index')) {
    const message = `all ${count} would share the name ${JSON.stringify(name)}`;
    report(['metadata', 'name'], message, `add the index: ${name}-{{index}}`);
  }
  checkPlaceholders(tree, { ...context.values, ...SAMPLE, template: key }, report);
  if (context.problems.length > before) return undefined;
  return { key, apiVersion, kind, tree, values: context.values };
}
