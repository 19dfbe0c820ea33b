/**
 * From text to a Scenario, or to the list of all that is wrong with it. Pure: files that the
 * scenario names are read by the function it is given.
 */

import { reportIssues } from './issues.ts';
import { applyOverrides } from './override.ts';
import { fileProblem, type Problem, reporter, sortProblems } from './problem.ts';
import { resolveScenario } from './resolve.ts';
import type { ReadFile } from './read-file.ts';
import type { Scenario } from './scenario.ts';
import { jsonSchema, scenarioSchema } from './schema.ts';
import { locate, parseYaml, plainValue, type YamlSource } from './yaml-source.ts';

export type Parsed = { readonly scenario: Scenario } | { readonly problems: readonly Problem[] };

export interface ParseOptions {
  /** `path=value` each, applied before anything is checked. */
  readonly overrides?: readonly string[] | undefined;
  readonly readFile?: ReadFile | undefined;
}

/** `fileName` is what problems are shown under. */
export function parseScenario(text: string, fileName: string, options: ParseOptions = {}): Parsed {
  const { overrides = [], readFile = noFiles } = options;
  const source = parseYaml(text, fileName);
  if (!('document' in source)) return { problems: source };
  if (source.document.contents === null) return { problems: [empty(fileName)] };
  const misapplied = applyOverrides(source, overrides);
  if (misapplied.length > 0) return { problems: misapplied };
  const plain = plainValue(source);
  if (!('value' in plain)) return { problems: plain };
  return check(source, plain.value, { fileName, text, overrides, document: plain.value }, readFile);
}

function check(
  source: YamlSource,
  value: unknown,
  origin: Scenario['origin'],
  readFile: ReadFile,
): Parsed {
  const problems: Problem[] = [];
  const report = reporter(problems, (path, spot) => locate(source, path, spot));
  const result = scenarioSchema.safeParse(value, { reportInput: true });
  if (!result.success) {
    reportIssues(result.error.issues, jsonSchema(), report);
    return { problems: sortProblems(problems) };
  }
  const scenario = resolveScenario(result.data, { origin, readFile, problems, report });
  return problems.length > 0 ? { problems: sortProblems(problems) } : { scenario };
}

function empty(fileName: string): Problem {
  return fileProblem(fileName, 'is empty', 'start from scenarios/smoke.yaml');
}

const noFiles: ReadFile = () => ({
  message: 'files cannot be read here',
  remedy: 'give the manifest itself in `vm`',
});
