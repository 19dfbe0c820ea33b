/**
 * Reads a history back, an entry at a time, and folds it into a Run. It forgives what a crash or a
 * newer bench may leave behind (a torn line, entries and fields it does not know) and says so in
 * `problems`; what it cannot read as a history at all, it throws as HistoryError.
 */

import { type Entry, HISTORY_SCHEMA, type HeaderEntry } from './entry.ts';
import { parseNeutralJson } from '../core/neutral-text.ts';
import { findFault } from './entry-check.ts';
import { readLines, type Line } from './lines.ts';
import type { Run } from './run.ts';
import { runBuilder } from './run-builder.ts';

/** The file is no history that this bench can read; the message is for the user. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
}

/** The run recorded in a history file. Throws HistoryError, and what the file system throws. */
export function readRun(historyPath: string): Run {
  const problems: string[] = [];
  let untold = 0;
  const entries = readEntries(historyPath, (problem) => {
    if (problems.length < PROBLEMS_TOLD_MAX) problems.push(problem);
    else untold += 1;
  });
  const first = entries.next();
  if (first.done === true) throw new HistoryError(`${historyPath}: no entries of a history`);
  const builder = runBuilder(requireHeader(first.value, historyPath));
  for (const entry of entries) builder.add(entry);
  return builder.build(untold === 0 ? problems : [...problems, `and ${untold} lines more`]);
}

/** A file that is all damage is not told line by line. */
const PROBLEMS_TOLD_MAX = 20;

/** The entries of a history file, in order. `onProblem` hears of lines that are not entries. */
export function* readEntries(
  historyPath: string,
  onProblem: (problem: string) => void,
): Generator<Entry> {
  for (const line of readLines(historyPath)) {
    const entry = parseEntry(line, onProblem);
    if (entry !== undefined) yield upgrade(entry);
  }
}

/** Brings an entry of an older schema to today's. There is one schema yet: the place to change. */
function upgrade(entry: Entry): Entry {
  return entry;
}

function requireHeader(entry: Entry, path: string): HeaderEntry {
  if (entry.e !== 'header') throw new HistoryError(`${path}: does not start with a header entry`);
  const schema: string = entry.schema;
  if (schema !== HISTORY_SCHEMA) {
    throw new HistoryError(`${path}: schema ${schema}; this bench reads ${HISTORY_SCHEMA}`);
  }
  return entry;
}

function parseEntry(line: Line, onProblem: (problem: string) => void): Entry | undefined {
  const parsed = parse(line.text);
  if (isEntry(parsed)) {
    const fault = findFault(parsed);
    if (fault === undefined) return parsed;
    onProblem(`line ${line.number}: a damaged entry, left out: ${fault}`);
    return undefined;
  }
  const rescued = afterTear(line.text);
  if (rescued !== undefined) {
    onProblem(`line ${line.number}: torn, and then a new session`);
    return rescued;
  }
  onProblem(
    line.ended
      ? `line ${line.number}: not an entry, left out`
      : `line ${line.number}: torn at the end of the file, left out`,
  );
  return undefined;
}

/** A resumed session may have appended its anchor to the torn line of the one before. */
function afterTear(text: string): Entry | undefined {
  const start = text.lastIndexOf('{"e":"anchor"');
  const parsed = start > 0 ? parse(text.slice(start)) : undefined;
  return isEntry(parsed) && findFault(parsed) === undefined ? parsed : undefined;
}

function parse(text: string): unknown {
  try {
    return parseNeutralJson(text);
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is Entry {
  return value !== null && typeof value === 'object' && 'e' in value && typeof value.e === 'string';
}
