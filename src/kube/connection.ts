/**
 * How to reach one API server and who we are there: addresses, TLS, and headers that are asked for
 * anew with every request, because tokens and exec credentials expire during long runs.
 */

import type { Agent } from 'node:http';
import { TransportError } from '../api/transport.ts';

/** Sent with each answer of a simulated cluster, so that no figure of it passes for a real one. */
export const SIMULATION_HEADER = 'simulated-cluster';

export interface Connection {
  /** `https://api.example:6443`, with the path prefix if there is one. */
  readonly server: string;
  /** The kubeconfig context, or `in-cluster`. */
  readonly context: string;
  /** What the kubeconfig names as the namespace, if anything. */
  readonly namespace: string | undefined;
  /** Authorization and impersonation; refreshed when a credential has expired. */
  headers(): Promise<Readonly<Record<string, string>>>;
  /**
   * The server has refused a request with these headers (401): what is known of a token or of a
   * program's credential is forgotten. False where another one cannot be had.
   */
  renew(refused: Readonly<Record<string, string>>): boolean;
  /**
   * A new keep-alive agent with the connection's TLS settings, through its proxy. For another host
   * than the API server's, `authorities` are trusted beside the cluster's and the public ones; no
   * client certificate goes there, and verification is never left out.
   */
  agent(socketsMax: number, authorities?: readonly string[]): Promise<Agent>;
  /** Ends what is under way to get credentials; absent where nothing ever is. */
  close?(): void;
}

/** For people: `ocp (https://api.ocp.example:6443)`. */
export function clusterName({ context, server }: Pick<Connection, 'context' | 'server'>): string {
  return `${context} (${server})`;
}

/** The kubeconfig cannot be used: unreadable, no such context, a credential program that failed. */
export class ConnectionError extends TransportError {
  override readonly name = 'ConnectionError';
  readonly remedy: string;
  constructor(message: string, remedy: string) {
    super(message, false, 'ECREDENTIALS');
    this.remedy = remedy;
  }
}
