import { expect, test } from 'vitest';
import { TransportError } from '../../../src/api/transport.ts';
import { SECOND } from '../../../src/core/duration.ts';
import { troubleTeller } from '../../../src/sim/host/trouble.ts';
import { ApiError } from '../../../src/kube/api-error.ts';

function listening() {
  const lines: string[] = [];
  const at = { us: 0 };
  const told = troubleTeller({ nowUs: () => at.us }, (line) => lines.push(line));
  return { lines, at, told };
}

test('a server that is away is told once in a while', () => {
  const { lines, at, told } = listening();
  const away = new TransportError('GET /x: connect ECONNREFUSED', false);
  for (const where of ['a', 'b', 'c']) told(away, where);
  told({ kind: 'refused', code: 503, status: undefined }, 'pods');
  at.us = 61 * SECOND;
  told({ kind: 'refused', code: 429, status: { message: 'initializing' } }, 'pods');
  expect(lines).toEqual([
    'the server does not answer, and is asked again: GET /x: connect ECONNREFUSED',
    'the server does not answer, and is asked again: watch refused, HTTP 429 initializing',
  ]);
});

test('each failed step is told, but not of what is on its way out', () => {
  const { lines, told } = listening();
  const refused = (reason: string) =>
    new ApiError(
      {
        status: 403,
        receivedUs: 0,
        body: { kind: 'Status', message: 'no', details: { causes: [{ reason }] } },
      },
      'POST /x',
    );
  told(refused('NamespaceTerminating'), 'import a/b');
  told(refused('Other'), 'import a/b');
  told(refused('Other'), 'import a/c');
  expect(lines).toEqual(['import a/b: POST /x: no', 'import a/c: POST /x: no']);
});
