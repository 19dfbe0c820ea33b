/**
 * `npm run fuzz [-- KIND...] [--inputs N] [--seed N]`: damaged files and requests, each to be
 * refused in words. Prints how many of each kind were tried, and how many ended in a stack or did
 * not end; exits with 1 where any did. Ctrl-C ends it with the numbers of what was tried until
 * then. All happens in temporary folders and on the loopback.
 */

import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FUZZ_KINDS, type FuzzKind, fuzzOne, prepareFuzz } from '../support/fuzz/fuzz.ts';

const INPUTS = 20_000;
/** One that takes longer of the processor hangs, and so does one that waits for six times that. */
const HANG_MS = 10_000;
const WAIT_MS = 6 * HANG_MS;

const SELF = fileURLToPath(import.meta.url);

/** `at`: the last input that was tried; the one before the first says that all is prepared. */
type Told = { readonly at: number; readonly fault?: string | undefined };

interface Tally {
  tried: number;
  readonly stacks: string[];
  readonly hangs: number[];
}

/** Whoever has seen enough gets the numbers of what was tried until then. */
const enough = new AbortController();

async function fuzz(kind: FuzzKind, inputs: number, seed: number): Promise<Tally> {
  const tally: Tally = { tried: 0, stacks: [], hangs: [] };
  // A process of its own can be ended whatever it does.
  while (tally.tried < inputs && !enough.signal.aborted) {
    const hung = await part(kind, seed, tally, inputs);
    if (hung) tally.hangs.push(tally.tried++);
  }
  return tally;
}

/** Goes on until all inputs are tried; true where one did not end. */
function part(kind: FuzzKind, seed: number, tally: Tally, inputs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const child = fork(SELF, ['--part', kind, String(seed), String(tally.tried), String(inputs)]);
    let hung = false;
    const end = () => {
      hung = true;
      child.kill('SIGKILL');
    };
    const leave = () => child.kill('SIGKILL');
    enough.signal.addEventListener('abort', leave, { once: true });
    // What is prepared first is no input, and takes a busy machine its time.
    let last: { readonly ms: number; readonly cpuMs: number } | undefined;
    const look = () => {
      if (last === undefined) return;
      const isWaiting = performance.now() - last.ms < WAIT_MS;
      if (isWaiting && cpuMs(child.pid) - last.cpuMs < HANG_MS) return;
      end();
    };
    const timer = setInterval(look, HANG_MS / 4);
    child.on('message', ({ at, fault }: Told) => {
      last = { ms: performance.now(), cpuMs: cpuMs(child.pid) };
      tally.tried = at + 1;
      if (fault === undefined) return;
      tally.stacks.push(`${kind} ${at}: ${fault}`);
    });
    child.on('exit', (code) => {
      clearInterval(timer);
      enough.signal.removeEventListener('abort', leave);
      // Out of memory, or a call stack that even Node could not hold.
      const died = !hung && code !== 0 && !enough.signal.aborted;
      if (died) tally.stacks.push(`${kind} ${tally.tried++}: the process ended with ${code}`);
      resolve(hung);
    });
  });
}

/** What a process has had of the processor: a machine that has none to give is no hang. */
function cpuMs(pid: number | undefined): number {
  try {
    const [, after = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
    const [user, system] = after.split(' ').slice(11, 13).map(Number);
    return ((user ?? 0) + (system ?? 0)) * 10;
  } catch {
    return 0;
  }
}

async function asPart([kind = '', seed = '', from = '', to = '']: readonly string[]) {
  const bench = await prepareFuzz(kind as FuzzKind);
  process.send?.({ at: Number(from) - 1 } satisfies Told);
  for (let at = Number(from); at < Number(to); at++) {
    const fault = await fuzzOne(bench, `${seed}/${kind}/${at}`);
    process.send?.({ at, fault } satisfies Told);
  }
  await bench.close();
  // Whatever a hostile input has left open must not keep us.
  process.exit(0);
}

function option(args: readonly string[], name: string, otherwise: number): number {
  const at = args.indexOf(name);
  return at < 0 ? otherwise : Number(args[at + 1]);
}

async function main(args: readonly string[]): Promise<void> {
  const kinds = FUZZ_KINDS.filter((kind) => args.includes(kind));
  const inputs = option(args, '--inputs', INPUTS);
  const seed = option(args, '--seed', 1);
  process.once('SIGINT', () => enough.abort());
  for (const kind of kinds.length > 0 ? kinds : FUZZ_KINDS) {
    if (enough.signal.aborted) return;
    const { tried, stacks, hangs } = await fuzz(kind, inputs, seed);
    for (const stack of stacks.slice(0, 10)) process.stdout.write(`  ${stack}\n`);
    for (const at of hangs.slice(0, 10)) process.stdout.write(`  ${kind} ${at}: does not end\n`);
    process.stdout.write(
      `${kind}: ${tried} tried, ${stacks.length} stacks, ${hangs.length} hangs\n`,
    );
    if (stacks.length + hangs.length > 0) process.exitCode = 1;
  }
}

const args = process.argv.slice(2);
if (args[0] === '--part') await asPart(args.slice(1));
else await main(args);
