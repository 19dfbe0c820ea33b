/** Disks that are full, and places that cannot be written to: one sentence, no stack, no hang. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBench } from '../built-bench.ts';
import { ROOT } from '../sources.ts';
import { textFaults } from './attack-by-proxy.ts';

const TINY = join(ROOT, 'test/support/tiny.yaml');

interface Attempt {
  readonly name: string;
  readonly argv: readonly string[];
  readonly fileBlocks?: number;
}

const FULL = [0, 1, 8, 30, 60, 120, 240, 400];

/** `r` is a run that was made before; /proc takes no folder, not even of root. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  run: ['run', TINY, '--run-id', 'new', '--progress', 'none'],
  report: ['report', 'r'],
  'export csv': ['export', 'r', '--format', 'csv', '--out', 'exported'],
  gate: ['gate', 'r', '--history', 'nights', '--junit', 'junit.xml', '--markdown', 'v.md'],
  study: ['study', TINY, '--vary', 'steps.0.clone.count=1,2', '--jobs', '1'],
};

const READ_ONLY: readonly Attempt[] = [
  ['run', TINY, '--results', '/proc/bench', '--no-report'],
  ['run', TINY, '--run-id', 'x', '--reports', '/proc/bench'],
  ['run', TINY, '--run-id', 'y', '--gate', '--history', '/proc/bench'],
  ['run', TINY, '--results', 'file/results'],
  ['report', 'r', '--reports', '/proc/bench'],
  ['gate', 'r', '--history', 'nights', '--junit', '/proc/bench/j.xml'],
  ['gate', 'r', '--history', 'nights', '--markdown', '/dev/full'],
  ['gate', 'r', '--history', 'file'],
  ['export', 'r', '--format', 'csv', '--out', '/proc/bench'],
  ['cluster', '--write-kubeconfig', '/proc/bench/kubeconfig', '--port', '0'],
  ['cluster', '--write-kubeconfig', 'file/kubeconfig', '--port', '0'],
  ['init', '--out', '/proc/bench/my.yaml'],
].map((argv) => ({ name: argv.join(' '), argv }));

export const DISK_ATTEMPTS: readonly Attempt[] = [
  ...FULL.flatMap((fileBlocks) =>
    Object.entries(COMMANDS).map(([name, argv]) => ({
      name: `${name}, files of ${fileBlocks} blocks at the most`,
      argv,
      fileBlocks,
    })),
  ),
  ...READ_ONLY,
];

/** A folder with a finished run `r`, to be copied from or attacked in. */
export async function prepareDisk(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-attack-'));
  await startBench(['run', TINY, '--run-id', 'r', '--no-report'], folder).done;
  writeFileSync(join(folder, 'file'), '');
  mkdirSync(join(folder, 'nights'));
  return folder;
}

export async function attackByDisk(
  folder: string,
  { argv, fileBlocks }: Attempt,
): Promise<readonly string[]> {
  for (const name of ['new', 'x', 'y']) {
    rmSync(join(folder, 'results/tiny', name), { recursive: true, force: true });
  }
  const limits = fileBlocks === undefined ? {} : { fileBlocks };
  const running = startBench(argv, folder, limits);
  const timer = setTimeout(() => running.process.kill('SIGKILL'), 120_000);
  const { code, out, err } = await running.done;
  clearTimeout(timer);
  const isSaid = code === 0 || err.trim() !== '';
  return [
    ...(code === null ? ['does not end'] : []),
    ...(isSaid ? [] : [`exit ${code} without a word`]),
    ...(code === 0 && fileBlocks === undefined ? ['took it for written'] : []),
    ...textFaults(`${out}\n${err}`),
  ];
}
