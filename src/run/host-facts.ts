/** Facts about the VM and the build, for the manifest. */

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { arch, availableParallelism, platform, release, totalmem } from 'node:os';
import { version as nodeVersion } from 'node:process';
import type { HostFact } from '../record/manifest.ts';

/** `root` is the package's own folder. */
export function hostFacts(root: URL, version: string): HostFact {
  return {
    bench: version,
    node: nodeVersion,
    platform: `${platform()} ${release()} ${arch()}`,
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    gitCommit: gitCommit(root),
  };
}

/** Of a checkout of bench itself; an installed package has none. */
function gitCommit(root: URL): string | undefined {
  if (!existsSync(new URL('.git', root))) return undefined;
  try {
    const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' });
    const commit = git('rev-parse', 'HEAD').trim();
    return git('status', '--porcelain', '--untracked-files=no') === '' ? commit : `${commit}+`;
  } catch {
    return undefined;
  }
}
