import { describe, expect, test } from 'vitest';
import { TransportError } from '../../src/api/transport.ts';
import { explainFailure } from '../../src/cluster/explain-failure.ts';
import { ApiError } from '../../src/kube/api-error.ts';
import { ConnectionError } from '../../src/kube/connection.ts';
import { type Answer, forbidden, refusal } from './script.ts';

const SERVER = 'https://api.example:6443';

function answered({ status, body }: Answer): ApiError {
  return new ApiError({ status, body, receivedUs: 0 }, 'GET /api');
}

function broken(code: string | undefined, message = 'socket hang up'): TransportError {
  return new TransportError(message, false, code);
}

describe('a server that cannot be talked to', () => {
  test.each([
    ['ECONNREFUSED', 'connection refused', 'is the API server running'],
    ['ENOTFOUND', 'there is no such host', 'DNS'],
    ['EAI_AGAIN', 'cannot be resolved', 'DNS'],
    ['ETIMEDOUT', 'it gives no answer', 'proxy'],
    ['CERT_HAS_EXPIRED', 'has expired', 'renew'],
    ['CERT_NOT_YET_VALID', 'is not valid yet', 'clock'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'is for another name', 'tls-server-name'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'an authority that the kubeconfig does not name', 'CA'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'an authority that the kubeconfig does not name', 'CA'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'refused our client certificate', 'kubeconfig'],
    ['EPROTO', 'does not speak TLS', 'port'],
  ])('%s', (code, found, remedy) => {
    const explained = explainFailure(broken(code), SERVER);
    expect(explained?.found).toContain(`${SERVER}: `);
    expect(explained?.found).toContain(found);
    expect(explained?.remedy).toContain(remedy);
  });

  test('for a reason of its own: that is passed on', () => {
    for (const code of ['ESTRANGE', undefined]) {
      expect(explainFailure(broken(code), SERVER)?.found).toBe(`${SERVER}: socket hang up`);
    }
  });
});

describe('a server that does not let us in', () => {
  test('does not know us', () => {
    const explained = explainFailure(answered(refusal(401, 'Unauthorized', 'no')), SERVER);
    expect(explained?.found).toContain('does not know who we are');
  });

  test('refuses: in its words, with the roles to bind', () => {
    const explained = explainFailure(answered(forbidden('pods')), SERVER);
    expect(explained?.found).toContain('pods is forbidden');
    expect(explained?.remedy).toContain('deploy/');
  });
});

test('credentials that cannot be had say themselves what to do', () => {
  expect(explainFailure(new ConnectionError('no token', 'log in'), '')).toEqual({
    found: 'no token',
    remedy: 'log in',
  });
});

test('what a server refuses is told in its words; a defect is not explained away', () => {
  expect(explainFailure(answered(refusal(409, 'Conflict', 'no')), SERVER)?.found).toBe(
    'GET /api: no',
  );
  expect(explainFailure(answered(refusal(500, 'InternalError', 'no')), SERVER)?.found).toBe(
    'GET /api: no',
  );
  expect(explainFailure(new TypeError('a defect'), SERVER)).toBeUndefined();
});
