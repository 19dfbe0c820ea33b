/**
 * Connections from a kubeconfig or from the service account of a pod. @kubernetes/client-node does
 * what it does well (contexts, certificates, tokens, exec plugins, OIDC, proxies, impersonation);
 * it is no transport for us, since it opens a TLS connection for every call. It is loaded only
 * here and only when needed: half a second and 130 MB that no other command should pay.
 */

import { existsSync } from 'node:fs';
import { Agent as PlainAgent } from 'node:http';
import { Agent as TlsAgent, type RequestOptions } from 'node:https';
import type { Cluster, KubeConfig } from '@kubernetes/client-node';
import { isLoopback } from '../core/loopback.ts';
import { type Connection, ConnectionError } from './connection.ts';
import { tokenFile } from './token-file.ts';

export interface ConnectionChoice {
  /** Path of a kubeconfig; KUBECONFIG and ~/.kube/config where undefined. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly inCluster?: boolean | undefined;
}

/** Where the kubelet puts what a pod knows of its service account. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const TOKEN = `${SERVICE_ACCOUNT}/token`;
const AUTHORITY = `${SERVICE_ACCOUNT}/ca.crt`;

/**
 * Throws ConnectionError with the remedy; nothing is sent yet. `podRoot` comes before the paths of
 * a pod, for tests.
 */
export async function loadConnection(choice: ConnectionChoice, podRoot = ''): Promise<Connection> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  loadInto(config, choice, podRoot);
  const cluster = config.getCurrentCluster();
  if (!cluster) {
    throw new ConnectionError(
      `context "${config.getCurrentContext()}" names no cluster`,
      'name a context of the kubeconfig with --context',
    );
  }
  admitPlainHttp(cluster);
  return {
    server: cluster.server.replace(/\/$/, ''),
    context: choice.inCluster ? 'in-cluster' : config.getCurrentContext(),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace,
    headers: choice.inCluster ? podHeaders(podRoot) : () => buildHeaders(config),
    agent: (socketsMax) => createAgent(config, cluster.server, socketsMax),
  };
}

function loadInto(config: KubeConfig, choice: ConnectionChoice, podRoot: string): void {
  const { kubeconfig, context, inCluster } = choice;
  if (inCluster) return loadFromPod(config, podRoot);
  if (kubeconfig !== undefined && !existsSync(kubeconfig)) {
    throw new ConnectionError(`there is no kubeconfig ${kubeconfig}`, 'check --kubeconfig');
  }
  try {
    if (kubeconfig !== undefined) config.loadFromFile(kubeconfig);
    else config.loadFromDefault();
  } catch (error) {
    throw new ConnectionError(
      `the kubeconfig cannot be read: ${(error as Error).message}`,
      'check --kubeconfig',
    );
  }
  if (context === undefined) return;
  const names = config.getContexts().map(({ name }) => name);
  if (!names.includes(context)) {
    throw new ConnectionError(
      `the kubeconfig has no context "${context}"`,
      `it has: ${names.join(', ') || 'none'}`,
    );
  }
  config.setCurrentContext(context);
}

/** Address by KUBERNETES_SERVICE_HOST and _PORT, CA and namespace by files. */
function loadFromPod(config: KubeConfig, podRoot: string): void {
  for (const file of [TOKEN, AUTHORITY]) {
    if (existsSync(`${podRoot}${file}`)) continue;
    throw new ConnectionError(
      `this is no pod with a service account: there is no ${podRoot}${file}`,
      'use --in-cluster only inside a pod',
    );
  }
  config.loadFromCluster(podRoot);
  if (!config.getCurrentCluster()?.server.includes('undefined')) return;
  throw new ConnectionError(
    'KUBERNETES_SERVICE_HOST or KUBERNETES_SERVICE_PORT is not set',
    'use --in-cluster only inside a pod',
  );
}

/** The library takes plain HTTP only where TLS is not verified; on loopback there is none to be. */
function admitPlainHttp(cluster: Cluster): void {
  if (!cluster.server.startsWith('http:') || cluster.skipTLSVerify) return;
  if (!isLoopback(new URL(cluster.server).hostname)) {
    throw new ConnectionError(
      `${cluster.server} is plain HTTP: everyone on the way could read the credentials`,
      'use its https:// address',
    );
  }
  Object.assign(cluster, { skipTLSVerify: true });
}

function podHeaders(podRoot: string): Connection['headers'] {
  const token = tokenFile(`${podRoot}${TOKEN}`);
  return async () => ({ Authorization: `Bearer ${token()}` });
}

async function buildHeaders(config: KubeConfig): Promise<Record<string, string>> {
  const options = await buildRequestOptions(config);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value !== undefined) headers[name] = String(value);
  }
  if (options.auth) {
    headers['Authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  return headers;
}

/** Our own keep-alive agent; behind a proxy, the library's with keep-alive switched on. */
async function createAgent(config: KubeConfig, server: string, socketsMax: number) {
  const keepAlive = { keepAlive: true, maxSockets: socketsMax, scheduling: 'fifo' as const };
  if (config.getCurrentCluster()?.proxyUrl) {
    const { agent } = await buildRequestOptions(config);
    if (agent instanceof PlainAgent) return Object.assign(agent, { ...keepAlive });
  }
  if (server.startsWith('http:')) return new PlainAgent(keepAlive);
  const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } =
    await buildRequestOptions(config);
  return new TlsAgent({
    ...keepAlive,
    ...defined({ ca, cert, key, pfx, passphrase, servername, rejectUnauthorized }),
  });
}

async function buildRequestOptions(config: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    throw new ConnectionError(
      `no credentials for the cluster: ${(error as Error).message}`,
      'log in again, or check the exec or OIDC section of the kubeconfig',
    );
  }
  return options;
}

function defined<T extends object>(members: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && value !== null),
  ) as Partial<T>;
}
