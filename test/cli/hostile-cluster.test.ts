/** What a cluster calls its objects, and how it words its refusals, is printed harmlessly. */

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openTarget } from '../../src/cli/target.ts';
import type { HttpsOptions } from '../../src/sim/apiserver/https/endpoint.ts';
import { expectHarmless, HOSTILE } from '../support/hostile-text.ts';
import { simulatedCluster, withCluster } from '../support/https-cluster.ts';
import { ROOT } from '../support/sources.ts';
import { cli } from './harness.ts';

const TINY = join(ROOT, 'test/support/tiny.yaml');

const LABELS = { 'bench.kubevirt.io/run': HOSTILE };

type Extension = NonNullable<HttpsOptions['extension']>;

function answer(status: number, body: object): ReturnType<Extension> {
  return { status, body, contentType: 'application/json', headers: {}, warnings: [] };
}

/** Lists of VMs and namespaces hold such names; most other questions are refused in such words. */
const meddle: Extension = ({ method, path }) => {
  if (path === '/version' || path.startsWith('/bench') || path.includes('accessreviews')) {
    return undefined;
  }
  if (method === 'GET' && /\/(virtualmachines|namespaces)$/.test(path)) {
    const metadata = { name: HOSTILE, namespace: HOSTILE, uid: 'u', labels: LABELS };
    const kind = path.endsWith('s/namespaces') ? 'Namespace' : 'VirtualMachine';
    return answer(200, { kind: `${kind}List`, metadata: {}, items: [{ kind, metadata }] });
  }
  if (method === 'GET' && /^\/apis?($|\/)/.test(path) && path.split('/').length < 5) {
    return undefined;
  }
  const status = {
    kind: 'Status',
    status: 'Failure',
    code: 422,
    reason: HOSTILE,
    message: HOSTILE,
  };
  return answer(422, status);
};

test('preflight, run, observe and cleanup', () =>
  withCluster(
    simulatedCluster,
    async ({ kubeconfig, folder }) => {
      const access = ['--kubeconfig', kubeconfig, '--results', join(folder, 'results')];
      for (const argv of [
        ['preflight', TINY, '--kubeconfig', kubeconfig],
        ['preflight', TINY, '--kubeconfig', kubeconfig, '--json'],
        ['run', TINY, '--yes', ...access],
        ['observe', '--selector', 'app=x', '--duration', '1s', '--no-report', ...access],
        ['cleanup', '--yes', ...access],
        ['cleanup', '--yes', '--also', HOSTILE, ...access],
        ['init', 'mine', '--from-vm', 'x', '--kubeconfig', kubeconfig, '--out', join(folder, 'm')],
      ]) {
        const { out, err } = await cli(argv, { openTarget });
        expect({ argv, text: `${out}${err}` }).toMatchObject({
          text: expect.stringContaining('owned'),
        });
        expectHarmless(`${out}${err}`);
      }
    },
    { extension: meddle },
  ));
