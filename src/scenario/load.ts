/** Scenario files and the files they name, read from disk with limits. */

import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Parsed, parseScenario } from './parse.ts';
import { fileProblem, type Problem } from './problem.ts';
import type { ReadFile } from './read-file.ts';
import { SOURCE_LIMIT_BYTES, tooLarge } from './yaml-source.ts';

/** The scenario of a file, with `path=value` overrides, or all that is wrong with it. */
export function loadScenario(file: string, overrides: readonly string[] = []): Parsed {
  const read = readSource(file);
  if (!('text' in read)) return { problems: [read] };
  return parseScenario(read.text, file, { overrides, readFile: besides(file) });
}

/** The scenario of a text that was once the file of this name; files it names are read anew. */
export function reloadScenario(text: string, file: string, overrides: readonly string[]): Parsed {
  return parseScenario(text, file, { overrides, readFile: besides(file) });
}

export interface NamedFile {
  /** As the scenario names it. */
  readonly named: string;
  readonly file: string;
  readonly text: string;
}

/** The files that a scenario names, each once; nothing of one that does not load. */
export function listNamedFiles(file: string, overrides: readonly string[]): readonly NamedFile[] {
  const read = readSource(file);
  if (!('text' in read)) return [];
  const found = new Map<string, NamedFile>();
  const reading = besides(file);
  parseScenario(read.text, file, {
    overrides,
    readFile: (named) => {
      const answer = reading(named);
      if ('text' in answer) found.set(answer.file, { named, ...answer });
      return answer;
    },
  });
  return [...found.values()];
}

/** Reads files relative to the one that names them. */
function besides(scenarioFile: string): ReadFile {
  return (named) => {
    const file = path.isAbsolute(named) ? named : path.join(path.dirname(scenarioFile), named);
    const read = readSource(file);
    return 'text' in read ? { text: read.text, file } : read;
  };
}

/** The text of a file that a person named, or why it cannot be had. */
export function readSource(file: string): { readonly text: string } | Problem {
  try {
    const stat = statSync(file);
    if (stat.isDirectory()) return fileProblem(file, 'is a folder', 'name a YAML file');
    if (!stat.isFile()) return fileProblem(file, 'is no regular file', 'name a YAML file');
    if (stat.size > SOURCE_LIMIT_BYTES) return tooLarge(file, stat.size);
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)) };
  } catch (error) {
    return unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): Problem {
  const code = (error as { code?: unknown }).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return fileProblem(file, 'does not exist', 'check the name');
  }
  if (code === 'EACCES') return fileProblem(file, 'may not be read', 'check its permissions');
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
    return fileProblem(file, 'is no UTF-8 text', 'is it the right file?');
  }
  return fileProblem(file, `cannot be read (${String(code ?? error)})`, 'check the file');
}
