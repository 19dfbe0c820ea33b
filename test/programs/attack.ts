/**
 * `npm run attack [-- KIND...] [--kills N] [--inputs N] [--modes N] [--only TEXT] [--jobs N]`: what
 * users, clusters and disks do to bench, at its worst: kills at random points, a hostile proxy,
 * disks that are full or read-only, damaged files and requests. Prints how many of each were tried,
 * and which failed; exits with 1 where any did. Ctrl-C ends it after the attempts under way, of
 * which there are `--jobs` at a time. All happens in temporary folders and on the loopback.
 */

import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { attackByDisk, DISK_ATTEMPTS, prepareDisk } from '../support/attack/attack-by-disk.ts';
import { attackByProxy, PROXY_MODES } from '../support/attack/attack-by-proxy.ts';
import { killAndResume } from '../support/kill-and-resume.ts';
import { survivalFaults } from '../support/survival-faults.ts';

const KINDS = ['proxy', 'disk', 'kill', 'fuzz'] as const;

const OPERATIONS = 16;

function option(args: readonly string[], name: string, otherwise: number): number {
  const at = args.indexOf(name);
  return at < 0 ? otherwise : Number(args[at + 1]);
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Whoever has seen enough gets the numbers of what was tried until then. */
const enough = new AbortController();
process.once('SIGINT', () => enough.abort());

/** So many of them, spread evenly. */
function some<T>(all: readonly T[], most: number): readonly T[] {
  const step = Math.max(1, all.length / most);
  return all.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
}

interface Attack<T> {
  readonly kind: string;
  readonly all: readonly T[];
  readonly jobs: number;
  one(attempt: T): Promise<readonly string[]>;
  nameOf(attempt: T): string;
}

async function attack<T>({ kind, all, jobs, one, nameOf }: Attack<T>): Promise<void> {
  let [tried, failed] = [0, 0];
  const left = all.values();
  const work = async () => {
    for (const attempt of left) {
      if (enough.signal.aborted) return;
      tried += 1;
      const faults = await one(attempt).catch((error: Error) => [
        `the attack broke down: ${error.message}`,
      ]);
      // Ctrl-C ends what it started, too.
      if (enough.signal.aborted) return void (tried -= 1);
      if (faults.length === 0) continue;
      failed += 1;
      tell(`  ${nameOf(attempt)}: ${faults.join('; ')}`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  tell(`${kind}: ${tried} tried, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

async function attackDisks(most: number): Promise<void> {
  const folder = await prepareDisk();
  try {
    await attack<(typeof DISK_ATTEMPTS)[number]>({
      kind: 'disk',
      all: some(DISK_ATTEMPTS, most),
      // They share a folder.
      jobs: 1,
      one: (attempt) => attackByDisk(folder, attempt),
      nameOf: ({ name }) => name,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function kill(seed: number): Promise<readonly string[]> {
  return survivalFaults(await killAndResume(seed), OPERATIONS);
}

/** The fuzzer is a program of its own, which says itself what it tried. */
function fuzz(inputs: number): Promise<void> {
  const program = fileURLToPath(new URL('fuzz.js', import.meta.url));
  const child = spawn(process.execPath, [program, '--inputs', String(inputs)], {
    stdio: 'inherit',
  });
  return new Promise((resolve) => {
    child.on('exit', (code) => {
      if (code !== 0) process.exitCode = 1;
      resolve();
    });
  });
}

async function main(args: readonly string[]): Promise<void> {
  const named = KINDS.filter((kind) => args.includes(kind));
  const kinds = named.length > 0 ? named : KINDS;
  const modes = option(args, '--modes', Number.POSITIVE_INFINITY);
  const jobs = option(args, '--jobs', 1);
  if (kinds.includes('proxy')) {
    const nameOf = ({ name, when }: (typeof PROXY_MODES)[number]) => `${name}, ${when}`;
    const only = args.includes('--only') ? (args[args.indexOf('--only') + 1] ?? '') : '';
    const all = some(
      PROXY_MODES.filter((mode) => nameOf(mode).includes(only)),
      modes,
    );
    await attack({ kind: 'proxy', all, jobs, one: attackByProxy, nameOf });
  }
  if (kinds.includes('disk')) await attackDisks(modes);
  if (kinds.includes('kill')) {
    const seeds = Array.from({ length: option(args, '--kills', 1000) }, (_, seed) => seed);
    const nameOf = (seed: number) => `seed ${seed}`;
    await attack({ kind: 'kill', all: seeds, jobs, one: kill, nameOf });
  }
  if (kinds.includes('fuzz')) await fuzz(option(args, '--inputs', 100_000));
}

await main(process.argv.slice(2));
