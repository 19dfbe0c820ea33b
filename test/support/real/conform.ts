/**
 * The conformance suite, asked of the arm's server and of the products that are real in it. To be
 * asked last: a server that has only just started has not forgotten its first versions.
 */

import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../sources.ts';
import type { Arm } from './arm.ts';

export async function conform(arm: Arm): Promise<readonly string[]> {
  const log = createWriteStream(join(arm.folder, 'conformance.txt'));
  const env = {
    ...process.env,
    NO_COLOR: '1',
    CONFORMANCE_KUBECONFIG: arm.plane.kubeconfig,
    CONFORMANCE_PRODUCTS: arm.products.join(','),
  };
  const args = ['vitest', 'run', '--maxWorkers=1', '-t', 'real', 'test/conformance'];
  const suite = spawn('npx', args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  suite.stdout.pipe(log);
  suite.stderr.pipe(log);
  const code = await new Promise<number | null>((resolve) => suite.once('close', resolve));
  return code === 0 ? [] : ['it does not conform: see conformance.txt'];
}
