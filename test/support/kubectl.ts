/**
 * kubectl for real, in each version that is installed: `kubectl.1.27` and the like beside the
 * plain one. Where none is, tests skip and say so.
 */

import { execFile, execFileSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Kubectl {
  /** `1.28`. */
  readonly version: string;
  readonly path: string;
}

export interface KubectlResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const VERSIONS = ['1.27', '1.28', '1.29', '1.30', '1.31', '1.32', '1.33'];

/** Those that this machine has, oldest first; loud where it has none. */
export function installedKubectls(): readonly Kubectl[] {
  const found = findKubectl();
  if (found === undefined) {
    process.stderr.write('\nSKIPPED: no kubectl is installed, so none is driven\n\n');
    return [];
  }
  const beside = VERSIONS.map((version) => ({
    version,
    path: join(dirname(found), `kubectl.${version}`),
  })).filter(({ path }) => existsSync(path));
  return beside.length > 0 ? beside : [{ version: describeVersion(found), path: found }];
}

function findKubectl(): string | undefined {
  try {
    return realpathSync(execFileSync('sh', ['-c', 'command -v kubectl']).toString().trim());
  } catch {
    return undefined;
  }
}

function describeVersion(path: string): string {
  const text = execFileSync(path, ['version', '--client', '-o', 'json']).toString();
  const { major, minor } = (
    JSON.parse(text) as {
      readonly clientVersion: { readonly major: string; readonly minor: string };
    }
  ).clientVersion;
  return `${major}.${minor.replace(/\D/g, '')}`;
}

/** One command; what is given as `input` comes on its standard input. */
export function runKubectl(
  { path }: Kubectl,
  kubeconfig: string,
  args: readonly string[],
  input = '',
): Promise<KubectlResult> {
  return new Promise((resolve) => {
    const env = { ...process.env, KUBECONFIG: kubeconfig, HOME: dirname(kubeconfig) };
    const child = execFile(path, [...args], { env, timeout: 60_000 }, (error, out, err) => {
      const code = typeof error?.code === 'number' ? error.code : error ? 1 : 0;
      resolve({ code, out, err });
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}
