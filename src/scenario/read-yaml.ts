/** A YAML file of one document that has a schema of its own: twins and studies. */

import { readSource } from './load.ts';
import type { Problem } from './problem.ts';
import { parseYaml, plainValue, type YamlSource } from './yaml-source.ts';

export interface ReadYaml {
  readonly text: string;
  readonly source: YamlSource;
  readonly value: unknown;
}

/** The document of a file, or all that keeps it from being read. */
export function readYaml(file: string): ReadYaml | { readonly problems: readonly Problem[] } {
  const read = readSource(file);
  if (!('text' in read)) return { problems: [read] };
  const source = parseYaml(read.text, file);
  if (!('document' in source)) return { problems: source };
  const plain = plainValue(source);
  if (!('value' in plain)) return { problems: plain };
  return { text: read.text, source, value: plain.value };
}
