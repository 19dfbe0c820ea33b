/**
 * A group of runs: one folder with an index (`group.json`) and the runs beside it. A study has
 * several points (what was set differently), repeats have one; either way a run is one entry of the
 * index. The index is written before the first run and again after each, so a group that was cut
 * off is a smaller group, not a broken one.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { fileTrouble } from '../core/disk-trouble.ts';
import { withoutMark } from '../core/neutral-text.ts';
import { UsageError } from '../core/usage-error.ts';
import { LABEL_VALUE, subdomain } from '../core/values.ts';
import { writeAtomic } from '../core/write-atomic.ts';

export const GROUP_SCHEMA = 'bench/group/v1';

export const GROUP_FILE = 'group.json';

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
  return existsSync(join(folder, GROUP_FILE));
}

export function writeGroup(folder: string, group: RunGroup): void {
  writeAtomic(join(folder, GROUP_FILE), groupText(group));
}

export function groupText(group: RunGroup): string {
  return `${JSON.stringify(group, undefined, 2)}\n`;
}

/** The index in a folder; undefined where there is none. Throws UsageError where it is damaged. */
export function readGroup(folder: string): RunGroup | undefined {
  if (!isGroup(folder)) return undefined;
  const path = join(folder, GROUP_FILE);
  try {
    return parseGroup(readFileSync(path, 'utf8'));
  } catch (error) {
    const remedy = 'put it back from a copy, or name the runs beside it one by one';
    throw new UsageError(`${path} is damaged: ${fileTrouble(error)}: ${remedy}`);
  }
}

/** Throws what is wrong with it. */
export function parseGroup(text: string): RunGroup {
  const checked = groupSchema.safeParse(JSON.parse(withoutMark(text)));
  if (checked.success) return checked.data as RunGroup;
  const [{ path, message } = { path: [], message: 'it is no group' }] = checked.error.issues;
  throw new Error(`${path.join('.')}: ${message}`);
}

/** It becomes a folder's name, of runs as well as of pages. */
const folderName = z.string().regex(LABEL_VALUE);

const groupSchema = z.looseObject({
  schema: z.literal(GROUP_SCHEMA),
  id: folderName,
  scenario: subdomain,
  question: z.string().optional(),
  study: z
    .looseObject({
      seed: z.int(),
      until: z.string().optional(),
      isSensitivity: z.boolean().optional(),
    })
    .optional(),
  runs: z.array(
    z.looseObject({
      run: folderName,
      set: z.record(z.string(), z.string()),
      cluster: z.string().optional(),
      repeat: z.int().min(1),
      done: z.boolean(),
    }),
  ),
});
