/** All that the tests leave in the temporary folder goes into one of their own, which goes at the end. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Called by the runner before its workers start: they and their children inherit TMPDIR. */
export function setup(): () => void {
  const before = process.env['TMPDIR'];
  const own = mkdtempSync(join(tmpdir(), 'bench-tests-'));
  process.env['TMPDIR'] = own;
  return () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    rmSync(own, { recursive: true, force: true, maxRetries: 3 });
  };
}
