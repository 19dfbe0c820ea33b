/**
 * Files that take longest begin first, so that no worker is left alone with one of them at the end.
 * On a fresh machine vitest knows no durations and goes by the size of a file, which says little.
 */

import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Of more than ten seconds on an idle machine, longest first. */
const LONG = [
  'cli/help-examples',
  'report/html/page',
  'cli/real-cluster',
  'sim/article',
  'cli/process',
  'cli/calibrate',
  'cli/replay',
  'cli/full-disk',
].map((name) => `test/${name}.test.ts`);

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => place(a) - place(b));
  }
}

function place({ moduleId }: TestSpecification): number {
  const index = LONG.findIndex((name) => moduleId.endsWith(name));
  return index < 0 ? LONG.length : index;
}
