/**
 * The built command line, for tests that need a process of their own: signals, kill -9, worker
 * threads. Built once for each state of the sources, and shared by all test files.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './sources.ts';

const CACHE = join(ROOT, 'node_modules/.cache/bench-built');

export interface BenchResult {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunningBench {
  readonly process: ChildProcess;
  readonly done: Promise<BenchResult>;
  /** What it has written to stderr so far. */
  err(): string;
  /** Resolves once the text is on stderr; rejects where the process ends without. */
  told(text: string): Promise<void>;
}

export interface Limits {
  /** Of any file that is written, in units of 512 bytes: a disk that is full, for everyone. */
  readonly fileBlocks?: number;
  /** Where stdout goes instead of to us. */
  readonly stdout?: string;
}

/** Starts `bench ARGS`. */
export function startBench(
  args: readonly string[],
  cwd: string,
  { fileBlocks, stdout }: Limits = {},
): RunningBench {
  const limit = fileBlocks === undefined ? '' : `ulimit -f ${fileBlocks}; `;
  const redirected = stdout === undefined ? '' : ` > ${stdout}`;
  const script = `${limit}exec "$0" "$@"${redirected}`;
  const child = spawn('sh', ['-c', script, process.execPath, builtMain(), ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const awaited = new Map<string, () => void>();
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
    for (const [text, resolve] of awaited) if (err.includes(text)) resolve();
  });
  const done = new Promise<BenchResult>((resolve) => {
    child.on('close', (code) => resolve({ code, out, err }));
  });
  const told = (text: string) =>
    new Promise<void>((resolve, reject) => {
      awaited.set(text, resolve);
      if (err.includes(text)) resolve();
      void done.then(({ code }) => reject(new Error(`exit ${code}, never told: ${text}\n${err}`)));
    });
  return { process: child, done, err: () => err, told };
}

/** `dist/main.js` of the sources as they are now. */
export function builtMain(): string {
  const folder = join(CACHE, stateOfSources());
  const main = join(folder, 'dist/main.js');
  if (existsSync(main)) return main;
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  build(join(draft, 'dist'));
  copyFileSync(join(ROOT, 'package.json'), join(draft, 'package.json'));
  // Style sheets and fonts are read from beside the sources.
  symlinkSync(join(ROOT, 'src'), join(draft, 'src'));
  dropOthers(folder);
  try {
    renameSync(draft, folder);
  } catch {
    // Somebody else was faster.
    rmSync(draft, { recursive: true, force: true });
  }
  return main;
}

function build(folder: string): void {
  execFileSync(process.execPath, [join(ROOT, 'build.js'), folder], { stdio: 'pipe' });
}

function stateOfSources(): string {
  const hash = createHash('sha256');
  for (const file of filesBelow(join(ROOT, 'src'))) {
    const { mtimeMs, size } = statSync(file);
    hash.update(`${file} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    });
}

/** States that no test uses any more: all but the last few. */
function dropOthers(folder: string): void {
  const others = readdirSync(CACHE)
    .map((name) => join(CACHE, name))
    .filter((path) => path !== folder && !/\.\d+$/.test(path));
  const byAge = others.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const path of byAge.slice(2)) rmSync(path, { recursive: true, force: true });
}
