/**
 * Where a run lives on disk: `<results>/<scenario>/<run-id>/`, or `<group-id>/<run-id>/` there, and
 * how RUN on the command line is understood: a run folder, a run id, `latest`, or a group of them.
 */

import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileTrouble } from '../core/disk-trouble.ts';
import { shellWord } from '../core/shell-word.ts';
import { makeFolders } from './folders.ts';
import { isGroup, readGroup } from './group.ts';
import { readManifest } from './manifest.ts';

export interface RunFolder {
  readonly path: string;
  readonly scenario: string;
  readonly runId: string;
}

/** Where results go unless somebody says otherwise. */
export const RESULTS_FOLDER = 'results';

/** The run as RUN of a command that is typed without any option. */
export function namedRun({ path, scenario, runId }: RunFolder): string {
  return path === join(RESULTS_FOLDER, scenario, runId) ? runId : shellWord(path);
}

export type CreatedFolder =
  | { readonly kind: 'created'; readonly folder: RunFolder }
  | { readonly kind: 'exists'; readonly path: string }
  | { readonly kind: 'unwritable'; readonly path: string; readonly message: string };

export type FoundRun =
  | { readonly kind: 'found'; readonly folder: RunFolder }
  | { readonly kind: 'absent'; readonly message: string }
  | { readonly kind: 'ambiguous'; readonly message: string };

const FILES = {
  manifest: 'manifest.json',
  history: 'history.ndjson',
  summary: 'summary.json',
  samples: 'samples.csv',
  waves: 'waves.csv',
} as const;

export function getFilePath(folder: RunFolder, file: keyof typeof FILES): string {
  return join(folder.path, FILES[file]);
}

/** Where a run of this id is, or would be. */
export function runFolder(results: string, scenario: string, runId: string, group = ''): RunFolder {
  return { path: join(results, scenario, group, runId), scenario, runId };
}

export function exists({ path }: RunFolder): boolean {
  return isFolder(path);
}

/** Makes the folder of a new run; never touches one that is there. */
export function createRunFolder(
  results: string,
  scenario: string,
  runId: string,
  group?: string,
): CreatedFolder {
  const folder = runFolder(results, scenario, runId, group);
  const { path } = folder;
  try {
    makeFolders(dirname(path));
    mkdirSync(path);
    return { kind: 'created', folder };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && exists(folder)) {
      return { kind: 'exists', path };
    }
    return { kind: 'unwritable', path, message: fileTrouble(error) };
  }
}

/** The first of `stem`, `stem-2`, `stem-3` ... that no run of the scenario has. */
export function freeRunId(results: string, scenario: string, stem: string): string {
  for (let n = 1; ; n++) {
    const runId = n === 1 ? stem : `${stem}-${n}`;
    if (!existsSync(join(results, scenario, runId))) return runId;
  }
}

/** The run that RUN on the command line names. */
export function findRun(results: string, run: string): FoundRun {
  if (isRun(run)) return { kind: 'found', folder: folderAt(run) };
  const runs = listRuns(results);
  if (run === 'latest') return findLatest(runs, results);
  const named = runs.filter(({ runId }) => runId === run);
  const [only] = named;
  if (only === undefined) {
    const unbegun = listUnbegun(results, run)[0];
    const message =
      unbegun === undefined
        ? `no run '${run}': neither a run folder nor a run id under ${results}`
        : `run '${run}' was ended before it began, and made nothing: remove ${unbegun}, and run ` +
          'the scenario anew';
    return { kind: 'absent', message };
  }
  if (named.length === 1) return { kind: 'found', folder: only };
  const choices = named.map(({ path }) => path).join(', ');
  return { kind: 'ambiguous', message: `several runs are called '${run}': ${choices}` };
}

/** The runs that RUN on the command line names: one, or those of a group that have been made. */
export function findRuns(
  results: string,
  name: string,
): Exclude<FoundRun, { kind: 'found' }> | FoundRuns {
  const group = findGroup(results, name);
  if (group === undefined) {
    const found = findRun(results, name);
    return found.kind === 'found' ? { kind: 'runs', folders: [found.folder] } : found;
  }
  const { path, scenario } = group;
  const folders = (readGroup(path)?.runs ?? [])
    .filter(({ done }) => done)
    .map(({ run }) => ({ path: join(path, run), scenario, runId: run }))
    .filter((folder) => isRun(folder.path));
  if (folders.length > 0) return { kind: 'runs', folders, group: path };
  return { kind: 'absent', message: `the group ${path} has no run that was made` };
}

export interface FoundRuns {
  readonly kind: 'runs';
  readonly folders: readonly RunFolder[];
  /** The folder of the group, where they are one. */
  readonly group?: string;
}

function findGroup(
  results: string,
  name: string,
): { readonly path: string; readonly scenario: string } | undefined {
  if (isGroup(name)) return { path: name, scenario: basename(dirname(resolve(name))) };
  for (const scenario of foldersIn(results)) {
    const path = join(results, scenario, name);
    if (isGroup(path)) return { path, scenario };
  }
  return undefined;
}

/** All runs under a results folder, by scenario and then run id; none where there is no folder. */
export function listRuns(results: string): readonly RunFolder[] {
  return foldersIn(results).flatMap((scenario) =>
    foldersIn(join(results, scenario)).flatMap((name) => {
      const path = join(results, scenario, name);
      if (!isGroup(path)) return isRun(path) ? [{ path, scenario, runId: name }] : [];
      return foldersIn(path)
        .map((runId) => ({ path: join(path, runId), scenario, runId }))
        .filter((folder) => isRun(folder.path));
    }),
  );
}

function findLatest(runs: readonly RunFolder[], results: string): FoundRun {
  let latest: { readonly folder: RunFolder; readonly started: string } | undefined;
  for (const folder of runs) {
    const started = readManifest(getFilePath(folder, 'manifest'))?.started ?? '';
    if (latest === undefined || started >= latest.started) latest = { folder, started };
  }
  if (latest === undefined) return { kind: 'absent', message: `no run under ${results}` };
  return { kind: 'found', folder: latest.folder };
}

/** Folders of this name or path in which a run was to be, and never came to its history. */
function listUnbegun(results: string, run: string): readonly string[] {
  const named = foldersIn(results).map((scenario) => join(results, scenario, run));
  return [run, ...named].filter((path) => existsSync(join(path, FILES.manifest)));
}

function folderAt(path: string): RunFolder {
  const full = resolve(path);
  const parent = isGroup(dirname(full)) ? dirname(dirname(full)) : dirname(full);
  return { path, scenario: basename(parent), runId: basename(full) };
}

function isRun(path: string): boolean {
  return existsSync(join(path, FILES.history));
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

function foldersIn(path: string): readonly string[] {
  if (!isFolder(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}
