/**
 * The client certificate that agents show. It may change while we run, as tokens do: a program
 * gives another one, or a file is replaced. New connections are then made with it; an agent keeps
 * connections apart by what was shown on them, so that none of before is used again.
 */

import type { Agent } from 'node:https';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import { ConnectionError } from './connection.ts';

export type ClientCertificate = Pick<SecureContextOptions, 'cert' | 'key'>;

export interface ShownCertificate {
  /** To be told of each certificate that comes after this one. */
  add(agent: Agent): void;
  /** Throws ConnectionError where the first one cannot be used; a later one is left out. */
  show(certificate: ClientCertificate): void;
}

export function shownCertificate(): ShownCertificate {
  const agents: Agent[] = [];
  let shown: ClientCertificate = {};
  const tell = (agent: Agent) => {
    // Nobody asks who we are without TLS.
    if (shown.cert !== undefined) Object.assign(agent.options, shown);
  };
  return {
    add(agent) {
      agents.push(agent);
      tell(agent);
    },
    show({ cert, key }) {
      if (cert === undefined || isDeepStrictEqual({ cert, key }, shown)) return;
      try {
        checkSecrets({ cert, key });
      } catch (error) {
        // One of two files has been replaced yet: what was good may be so for minutes more.
        if (shown.cert === undefined) throw error;
        return;
      }
      shown = { cert, key };
      agents.forEach(tell);
    },
  };
}

/** Tried here, since a certificate or key that cannot be read would be found with each socket. */
export function checkSecrets(secrets: SecureContextOptions): void {
  try {
    createSecureContext(secrets);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ConnectionError(
      `no credentials for the cluster: its certificates cannot be used (${code ?? message})`,
      'log in again, or check the certificates and keys in the kubeconfig',
    );
  }
}
