#!/usr/bin/env node
/** argv in, exit code out: the only file that touches the process. */

import { readFileSync } from 'node:fs';
import { bench } from './cli/bench.ts';
import type { Host, Output } from './cli/host.ts';
import { hostFacts } from './cli/host-facts.ts';
import { openTarget } from './cli/target.ts';
import { systemClock } from './core/system-clock.ts';

const ROOT = new URL('..', import.meta.url);

const SIGNAL_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

function output(stream: NodeJS.WriteStream): Output {
  // Whoever reads us may have had enough (`bench ... | head`): no reason to crash.
  stream.on('error', () => undefined);
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
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (abort.signal.aborted) process.exit(SIGNAL_CODES[name]);
      abort.abort(name);
    });
  }
  return abort.signal;
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
    interrupt: interruption(),
    facts: () => hostFacts(ROOT, version),
    rssMaxBytes: () => process.resourceUsage().maxRSS * 1024,
  };
}

process.exitCode = await bench(createHost(), openTarget);
