#!/usr/bin/env node
/** argv in, exit code out: the only file that touches the process. */

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { bench } from './cli/bench.ts';
import { type Host, lastWords, type Launched, type Output } from './run/host.ts';
import { hostFacts } from './run/host-facts.ts';
import type { OpenTarget } from './run/setting.ts';
import { fileTrouble } from './core/disk-trouble.ts';
import { EXIT } from './core/exit-code.ts';
import { systemClock } from './core/system-clock.ts';

const ROOT = new URL('..', import.meta.url);

const SIGNAL_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

const interrupt = interruption();

endWithParent();

function output(stream: NodeJS.WriteStream): Output {
  // Whoever reads us may have had enough (`bench ... | head`): no reason to crash. A disk that
  // takes no more is one to say so.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || process.exitCode === EXIT.error) return;
    process.exitCode = EXIT.error;
    process.stderr.write(`bench: the output is not whole: ${fileTrouble(error)}\n`);
  });
  return {
    isTty: stream.isTTY ?? false,
    get columns() {
      return stream.columns ?? 100;
    },
    write: (text) => {
      stream.write(text);
    },
  };
}

/** The first signal ends the run in good order, the second at once. */
function interruption(): AbortSignal {
  const abort = new AbortController();
  const names = ['SIGINT', 'SIGTERM'] as const;
  for (const name of names) {
    process.on(name, () => {
      if (abort.signal.aborted) process.exit(SIGNAL_CODES[name]);
      abort.abort(name);
      // The system ends us even while figures keep the loop from turning; but not process 1.
      if (process.pid !== 1) for (const each of names) process.removeAllListeners(each);
    });
  }
  return abort.signal;
}

/**
 * Who was started through a channel is a run of a study. Where that is killed there is nobody to
 * take the result, and whoever starts it again wants the run: it ends as if it had been killed too.
 */
function endWithParent(): void {
  if (process.channel === undefined) return;
  process.on('disconnect', () => process.exit(SIGNAL_CODES.SIGTERM));
  process.channel.unref();
}

/** Asks on the terminal; a run without one cannot be asked. */
async function ask(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // The terminal sees Ctrl-C first while it waits for a line.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return await terminal.question(question, { signal: interrupt });
  } catch {
    return undefined;
  } finally {
    terminal.close();
  }
}

/** What it prints on stdout is for nobody: its results are in its folder. */
function launch(argv: readonly string[], cut?: AbortSignal): Promise<Launched> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...argv], {
    // The channel carries nothing: it is there as long as both processes are.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-4096);
  });
  // A terminal signals all of its processes; others signal only this one.
  const stop = () => child.kill(interrupt.reason);
  interrupt.addEventListener('abort', stop);
  cut?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      interrupt.removeEventListener('abort', stop);
      resolve({ code: code ?? 1, lastWords: lastWords(tail) });
    });
  });
}

function createHost(): Host {
  const { version } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'));
  return {
    argv: process.argv.slice(2),
    env: process.env,
    version,
    out: output(process.stdout),
    err: output(process.stderr),
    clock: systemClock(),
    interrupt,
    ask,
    launch,
    facts: () => hostFacts(ROOT, version),
    rssMaxBytes: () => process.resourceUsage().maxRSS * 1024,
  };
}

/** Both wings are behind it: most commands open no cluster. */
const openTarget: OpenTarget = async (...asked) =>
  (await import('./cli/target.ts')).openTarget(...asked);

const code = await bench(createHost(), openTarget);
// A stream that failed has set it already.
if (code !== EXIT.ok || process.exitCode === undefined) process.exitCode = code;
