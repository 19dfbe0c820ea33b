/**
 * Several runs one after the other, in one folder with an index: what `bench run --repeat` makes. A
 * run that failed does not end the group, it is left out of it; an interruption does, and what was
 * made until then is the group.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openRun } from '../analyse/open-run.ts';
import { summariseGroup } from '../compare/group-summary.ts';
import { UsageError } from '../core/usage-error.ts';
import { makeFolders } from '../record/folders.ts';
import { readManifest } from '../record/manifest.ts';
import { GROUP_SCHEMA, type GroupedRun, writeGroup } from '../record/group.ts';
import { getFilePath, type RunFolder } from '../record/layout.ts';
import { writeAtomic } from '../core/write-atomic.ts';
import { renderGroup } from '../report/group-table.ts';
import type { Session } from './session.ts';

export interface RunOfGroup {
  readonly runId: string;
  /** From 1. */
  readonly repeat: number;
  /** Undefined for a run that stands alone. */
  readonly group: string | undefined;
}

/** Makes one run; undefined where it failed in a way that was told. */
export type MakeRun = (one: RunOfGroup) => Promise<{ readonly folder: RunFolder } | undefined>;

interface GroupOptions {
  readonly id: string;
  readonly scenario: string;
  readonly results: string;
  readonly repeat: number;
  readonly json: boolean;
}

export async function runGroup(
  session: Session,
  { id, scenario, results, repeat, json }: GroupOptions,
  make: MakeRun,
): Promise<void> {
  const path = join(results, scenario, id);
  if (existsSync(path)) {
    throw new UsageError(`${path} exists: choose another --run-id, or remove it`);
  }
  makeFolders(path);
  const made: RunFolder[] = [];
  const runs: GroupedRun[] = Array.from({ length: repeat }, (_, i) => ({
    run: `${id}-${i + 1}`,
    set: {},
    repeat: i + 1,
    done: false,
  }));
  const index = () => writeGroup(path, { schema: GROUP_SCHEMA, id, scenario, runs });
  index();
  for (const [i, one] of runs.entries()) {
    if (session.host.interrupt.aborted) break;
    const measured = await make({ runId: one.run, repeat: one.repeat, group: id });
    if (measured === undefined) continue;
    made.push(measured.folder);
    runs[i] = { ...one, done: true };
    index();
  }
  if (made.length < 2) return session.screen.tell(`group: ${path}, of ${made.length} runs`);
  const opened = made.map((folder) => openRun(getFilePath(folder, 'history')));
  const manifests = made.map((folder) => readManifest(getFilePath(folder, 'manifest')));
  const summary = summariseGroup(opened, manifests[0]?.environment?.twin);
  writeAtomic(join(path, 'group-summary.json'), `${JSON.stringify(summary, undefined, 2)}\n`);
  const { screen } = session;
  const stream = json ? screen.err : screen.out;
  const text = renderGroup(summary, { width: stream.columns, color: screen.colorOn(stream) });
  if (json) screen.tell(text.trimEnd());
  else screen.print(text);
  screen.tell(`group: ${path}`);
}
