/**
 * The folder of a study and the index in it. Pods of a Job come to the same folder at the same
 * moment, each with the same index to write.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  GROUP_SCHEMA,
  type GroupedRun,
  readGroup,
  type RunGroup,
  writeGroup,
} from '../record/group.ts';
import { makeFolders } from '../record/folders.ts';
import { UsageError } from '../core/usage-error.ts';
import type { OpenStudy } from './open-study.ts';

/** A folder of the same name that asks something else is left alone. Throws UsageError. */
export function claimFolder({ path, question }: OpenStudy): void {
  makeFolders(path);
  const there = readGroup(path);
  const isRun = existsSync(join(path, 'manifest.json'));
  if (there === undefined ? !isRun : there.question === question) return;
  throw new UsageError(`${path} is there and is another study: choose another --study-id`);
}

export function writeIndex(study: OpenStudy, runs: readonly GroupedRun[]): void {
  writeGroup(study.path, indexOf(study, runs));
}

export function indexOf(
  { id, scenario, question, seeds, asked }: OpenStudy,
  runs: readonly GroupedRun[],
): RunGroup {
  const until = asked.search === undefined ? {} : { until: asked.search.text };
  const kind = asked.sensitivity === undefined ? {} : { isSensitivity: true };
  const study = { seed: seeds[0] as number, ...until, ...kind };
  return { schema: GROUP_SCHEMA, id, scenario: scenario.name, question, study, runs };
}

/** Of a study that several processes make: whoever is first writes what all would write. */
export function shareIndex(study: OpenStudy, runs: readonly GroupedRun[]): void {
  for (let attempt = 1; readGroup(study.path)?.question !== study.question; attempt++) {
    try {
      writeIndex(study, runs);
    } catch (error) {
      // Another was at the same draft; what it writes will do.
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

const ATTEMPTS = 20;
