/** A new run's name, folder and manifest: unique on the cluster, and never one that is there. */

import { createRng } from '../core/rng.ts';
import { rfc3339 } from '../core/time-text.ts';
import { LABEL_VALUE } from '../core/values.ts';
import { createRunFolder, exists, runFolder, type RunFolder } from '../record/layout.ts';
import { type Asked, type OpenManifest, openManifest } from './open-manifest.ts';
import { UsageError } from '../core/usage-error.ts';
import type { Session } from './session.ts';
import type { OpenedTarget } from './setting.ts';

export function checkRunId(runId: string | undefined): void {
  if (runId === undefined || LABEL_VALUE.test(runId)) return;
  const rule = 'use letters, digits, - _ . and at most 63 of them';
  throw new UsageError(`run id '${runId}' is no label value: ${rule}`);
}

/** Nobody else's run on the same cluster may bear the same id. */
export function stampedRunId(wallUs: number): string {
  const [, date = '', time = ''] = /^(.*)T(.*)Z$/.exec(rfc3339(wallUs)) ?? [];
  const dice = createRng(String(wallUs)).uuid().slice(0, 4);
  return `${date.replaceAll('-', '')}-${time.replaceAll(':', '')}-${dice}`;
}

/** Says so before anything is asked of a cluster. */
export function checkFree(results: string, scenario: string, runId: string | undefined): void {
  if (runId === undefined) return;
  const folder = runFolder(results, scenario, runId);
  if (exists(folder)) throw taken(folder);
}

export interface NewRun {
  readonly folder: RunFolder;
  readonly manifest: OpenManifest;
}

interface NewRunOptions {
  readonly runId: string;
  readonly asked: Asked;
  readonly target: OpenedTarget;
  /** The results folder, whether names are hidden, and whether what is created stays. */
  readonly args: {
    readonly results: string;
    readonly hashNames: boolean;
    readonly keep: boolean;
  };
  /** The group whose folder the run's is in. */
  readonly group?: string | undefined;
}

/** A folder that no other command works on, with the manifest of what begins. Throws UsageError. */
export function beginRun(session: Session, options: NewRunOptions): NewRun {
  const { runId, asked, target, args, group } = options;
  const { kind, seed, environment, access } = target;
  const folder = makeRunFolder(args.results, asked.scenario.name, runId, group);
  session.hold(folder);
  const manifest = openManifest(session.host, asked, folder, {
    target: kind,
    seed,
    environment,
    connection: access?.choice,
    ...(access === undefined || args.keep ? {} : { removes: true }),
    pseudonymise: args.hashNames,
  });
  return { folder, manifest };
}

/** Throws UsageError where the folder is there, or cannot be. */
function makeRunFolder(
  results: string,
  scenario: string,
  runId: string,
  group: string | undefined,
): RunFolder {
  const created = createRunFolder(results, scenario, runId, group);
  switch (created.kind) {
    case 'created':
      return created.folder;
    case 'exists':
      throw taken(created);
    case 'unwritable':
      throw new UsageError(
        `cannot make ${created.path} (${created.message}): choose another --results folder`,
      );
  }
}

function taken({ path }: Pick<RunFolder, 'path'>): UsageError {
  return new UsageError(`${path} exists: choose another --run-id, or remove it`);
}
