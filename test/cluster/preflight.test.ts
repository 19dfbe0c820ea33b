import { describe, expect, test } from 'vitest';
import { TransportError } from '../../src/api/transport.ts';
import { fail, pass, warn } from '../../src/cluster/check.ts';
import { forbids, preflight } from '../../src/cluster/preflight.ts';
import { forbidden, object, refusal, type Script, scripted } from './script.ts';

const REVIEWS = 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const SERVER: Script = {
  'GET /version': object({ gitVersion: 'v1.33.0' }),
  'GET /apis': object({}),
  [REVIEWS]: object({ status: { allowed: true } }),
};

async function checked(script: Script, demand = {}) {
  const { lab, play, requests } = scripted(script);
  const findings = await play(() => preflight(lab(demand)));
  return { findings, requests };
}

describe('the preflight', () => {
  test('creates nothing but dry runs and reviews', async () => {
    const { requests } = await checked(SERVER);
    const changing = requests.filter(({ method, query }) => method !== 'GET' && !query?.['dryRun']);
    expect(new Set(changing.map(({ path }) => path.split('/').at(-1)))).toEqual(
      new Set(['selfsubjectaccessreviews']),
    );
  });

  test('says once that nobody answers, and asks no further', async () => {
    const silent = {
      'GET /version': () => {
        throw new TransportError('refused', false, 'ECONNREFUSED');
      },
    };
    const { findings, requests } = await checked(silent);
    expect(findings).toMatchObject([{ check: 'API server', verdict: 'fail' }]);
    expect(findings[0]?.found).toContain('https://api.example:6443: connection refused');
    expect(requests).toHaveLength(1);
  });

  test('says once that nobody knows us, also half-way', async () => {
    const expired = { ...SERVER, [REVIEWS]: refusal(401, 'Unauthorized', 'Unauthorized') };
    const { findings } = await checked(expired);
    expect(findings.at(-1)?.found).toContain('does not know who we are');
    expect(findings.filter(({ found }) => found.includes('who we are'))).toHaveLength(1);
  });

  test('a check that may not look warns, and the next one looks', async () => {
    const { findings } = await checked({ ...SERVER, 'GET /api/v1/nodes': forbidden('nodes') });
    expect(findings).toContainEqual(
      warn(
        'nodes',
        'not allowed to look: cannot list resource "nodes"',
        'bind the roles of deploy/',
      ),
    );
    expect(findings.map(({ check }) => check)).toContain('leftovers');
  });

  test('a check that the server refuses fails with its words', async () => {
    const { findings } = await checked({
      ...SERVER,
      'GET /api/v1/nodes': refusal(500, 'InternalError', 'etcd is away'),
    });
    expect(findings).toContainEqual(expect.objectContaining({ check: 'nodes', verdict: 'fail' }));
  });

  test('names the images, which only the cluster can reach', async () => {
    const { findings } = await checked(SERVER, { imageUrls: ['http://images.example/a.qcow2'] });
    expect(findings).toContainEqual(
      pass('image', 'http://images.example/a.qcow2 must be reachable from the cluster'),
    );
  });
});

test('a failure forbids the run, a warning does where one is strict', () => {
  const fine = pass('a', '');
  const doubtful = warn('b', '', '');
  expect(forbids([fine], true)).toBe(false);
  expect(forbids([fine, doubtful], false)).toBe(false);
  expect(forbids([fine, doubtful], true)).toBe(true);
  expect(forbids([fine, fail('c', '', '')], false)).toBe(true);
});
