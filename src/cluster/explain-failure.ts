/** Why a server cannot be talked to, in one line with what to do about it. */

import { safeTable } from '../core/table.ts';
import { TransportError } from '../api/transport.ts';
import { ApiError } from '../kube/api-error.ts';
import { ConnectionError } from '../kube/connection.ts';
import { FOREIGN } from '../kube/foreign-answer.ts';

export interface Explanation {
  readonly found: string;
  readonly remedy: string;
}

/** Undefined for what is no failure to reach or to be let in. */
export function explainFailure(error: unknown, server: string): Explanation | undefined {
  if (error instanceof ConnectionError) return { found: error.message, remedy: error.remedy };
  if (error instanceof TransportError) return explainTransport(error, server);
  if (!(error instanceof ApiError)) return undefined;
  if (error.code === 401) {
    return {
      found: `${server} does not know who we are (401 Unauthorized)`,
      remedy: 'the token or certificate has expired or is of another cluster: log in again',
    };
  }
  if (error.code === 403) {
    return { found: error.message, remedy: 'bind the roles of deploy/ to this user' };
  }
  const isBusy = error.code === 429 || error.code >= 500;
  const remedy = isBusy ? 'try again when the API server is well' : 'see the message of the server';
  return { found: error.message, remedy };
}

function explainTransport({ code = '', message }: TransportError, server: string): Explanation {
  if (code === FOREIGN) return { found: `${server}: ${message}`, remedy: FOREIGN_REMEDY };
  const known =
    BY_CODE[code] ?? (/ALERT_CERTIFICATE|ALERT_UNKNOWN_CA/.test(code) ? REFUSED_US : undefined);
  if (known) return { found: `${server}: ${known.found}`, remedy: known.remedy };
  return { found: `${server}: ${message}`, remedy: 'check the address, the network and the proxy' };
}

const FOREIGN_REMEDY =
  'that is no API server: is a log-in page or a proxy between? check the address and the login';

const WRONG_AUTHORITY: Explanation = {
  found: 'its certificate is signed by an authority that the kubeconfig does not name',
  remedy: 'is it the right cluster? put its CA into certificate-authority-data of the kubeconfig',
};

const UNREACHABLE: Explanation = {
  found: 'nobody answers',
  remedy: 'check the address in the kubeconfig, the network, the VPN and the proxy',
};

const REFUSED_US: Explanation = {
  found: 'it refused our client certificate',
  remedy: 'the certificate has expired or is of another cluster: get a new kubeconfig',
};

const BY_CODE = safeTable<Explanation>({
  ECONNREFUSED: {
    found: 'connection refused',
    remedy: 'is the API server running there? check the address in the kubeconfig',
  },
  ENOTFOUND: {
    found: 'there is no such host',
    remedy: 'check the address in the kubeconfig, DNS and the VPN',
  },
  EAI_AGAIN: {
    found: 'its name cannot be resolved for the moment',
    remedy: 'check DNS and the network',
  },
  ETIMEDOUT: {
    found: 'it gives no answer',
    remedy: 'check the network, the proxy, and whether the API server is well',
  },
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  CERT_HAS_EXPIRED: {
    found: 'its certificate has expired',
    remedy: "renew the API server's certificate; if it has not expired, set this machine's clock",
  },
  CERT_NOT_YET_VALID: {
    found: 'its certificate is not valid yet',
    remedy: "set this machine's clock",
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    found: 'its certificate is for another name',
    remedy: 'use the name in the certificate, or tls-server-name in the kubeconfig',
  },
  EPROTO: {
    found: 'it does not speak TLS, or no version that we speak',
    remedy: 'check the port and http/https in the kubeconfig',
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: WRONG_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: WRONG_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: WRONG_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: WRONG_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: WRONG_AUTHORITY,
  CERT_SIGNATURE_FAILURE: WRONG_AUTHORITY,
});
