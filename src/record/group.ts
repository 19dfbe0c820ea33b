/**
 * A group of runs: one folder with an index (`group.json`) and the runs beside it. A study has
 * several points (what was set differently), repeats have one; either way a run is one entry of the
 * index. The index is written before the first run and again after each, so a group that was cut
 * off is a smaller group, not a broken one.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomic } from '../core/write-atomic.ts';

export const GROUP_SCHEMA = 'bench/group/v1';

const INDEX = 'group.json';

export interface RunGroup {
  readonly schema: typeof GROUP_SCHEMA;
  readonly id: string;
  readonly scenario: string;
  /** Digest of what a study asks: its runs answer nothing else. */
  readonly question?: string;
  /** Of a study: what its summary needs beside its runs. */
  readonly study?: StudyFact;
  /** In the order in which they are made. */
  readonly runs: readonly GroupedRun[];
}

export interface StudyFact {
  /** Of the first run. */
  readonly seed: number;
  /** The level that is searched for: its runs are not known before. */
  readonly until?: string;
  /** Each constant was varied by itself. */
  readonly isSensitivity?: boolean;
}

export interface GroupedRun {
  /** Of the run; its folder is of that name, in the group's. */
  readonly run: string;
  /** `path: value` of what this point of the group sets; the same for its repeats. */
  readonly set: Readonly<Record<string, string>>;
  /** Of a study on several: the name of its cluster. */
  readonly cluster?: string;
  /** From 1. */
  readonly repeat: number;
  /** Whether it has been made. */
  readonly done: boolean;
}

export function isGroup(folder: string): boolean {
  return existsSync(join(folder, INDEX));
}

export function writeGroup(folder: string, group: RunGroup): void {
  writeAtomic(join(folder, INDEX), `${JSON.stringify(group, undefined, 2)}\n`);
}

/** The index in a folder; undefined where there is none that can be read. */
export function readGroup(folder: string): RunGroup | undefined {
  try {
    const group = JSON.parse(readFileSync(join(folder, INDEX), 'utf8')) as RunGroup;
    return group.schema === GROUP_SCHEMA && Array.isArray(group.runs) ? group : undefined;
  } catch {
    return undefined;
  }
}
