/**
 * Connections from a kubeconfig or from the service account of a pod. @kubernetes/client-node does
 * what it does well (certificates, OIDC, proxies, impersonation); it is no transport for us, since
 * it opens a TLS connection for every call. It is loaded only here and only when needed: half a
 * second and 130 MB that no other command should pay.
 */

import { existsSync } from 'node:fs';
import { Agent as PlainAgent, validateHeaderName, validateHeaderValue } from 'node:http';
import { Agent as TlsAgent, type RequestOptions } from 'node:https';
import { rootCertificates } from 'node:tls';
import { env } from 'node:process';
import type { Cluster, KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '../core/clock.ts';
import { SECOND } from '../core/duration.ts';
import { isLoopback } from '../core/loopback.ts';
import { systemClock } from '../core/system-clock.ts';
import { type Connection, ConnectionError } from './connection.ts';
import { execCredentials, type ExecCredentials } from './exec-credential.ts';
import { type ChosenContext, chooseContext } from './kubeconfig-files.ts';
import { proxyFor } from './proxy.ts';
import { checkSecrets, type ShownCertificate, shownCertificate } from './shown-certificate.ts';
import { type TokenFile, tokenFile } from './token-file.ts';

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
export async function loadConnection(
  choice: ConnectionChoice,
  podRoot = '',
  clock: Clock = systemClock(),
): Promise<Connection> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  const source = choice.inCluster
    ? loadFromPod(config, podRoot)
    : loadFromFiles(config, chooseContext(choice.kubeconfig, choice.context), clock);
  const cluster = config.getCurrentCluster();
  if (!cluster) throw unusable();
  const server = cluster.server.replace(/\/+$/, '');
  checkServer(server);
  admitPlainHttp(cluster);
  const proxyUrl = cluster.proxyUrl || proxyFor(server, env);
  if (proxyUrl !== undefined) Object.assign(cluster, { proxyUrl });
  const certificate = shownCertificate();
  return {
    server,
    context: choice.inCluster ? 'in-cluster' : config.getCurrentContext(),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace,
    ...credentialsOf(config, source, certificate, clock),
    agent: (socketsMax, authorities) =>
      createAgent(config, certificate, { server, socketsMax, authorities }),
    close: () => source.exec?.close(),
  };
}

/** Where the credentials come from that change while we run. */
interface CredentialSource {
  readonly file: TokenFile | undefined;
  readonly exec: ExecCredentials | undefined;
}

function unusable(): ConnectionError {
  return new ConnectionError('the kubeconfig names no cluster', 'check --kubeconfig');
}

/** A password in it would be seen by everybody who sees the name of the cluster. */
function checkServer(server: string): void {
  if (!URL.canParse(server)) {
    throw new ConnectionError('the server of the kubeconfig is no URL', 'write https://HOST:PORT');
  }
  const { username, password, protocol } = new URL(server);
  if (username !== '' || password !== '') {
    throw new ConnectionError(
      'the server of the kubeconfig has a user or password in its URL',
      'put them into the user of the kubeconfig',
    );
  }
  if (protocol === 'https:' || protocol === 'http:') return;
  throw new ConnectionError(`the server of the kubeconfig is ${protocol}`, 'use https://HOST:PORT');
}

/** The library gets one context, and of its user only what does not change while we run. */
function loadFromFiles(config: KubeConfig, chosen: ChosenContext, clock: Clock): CredentialSource {
  const { name, namespace, cluster, user, exec } = chosen;
  const { exec: _, tokenFile: file, 'token-file': old, ...rest } = user;
  const path = file ?? old;
  const context = { cluster: name, user: name, ...(namespace === undefined ? {} : { namespace }) };
  try {
    config.loadFromString(
      JSON.stringify({
        clusters: [{ name, cluster }],
        users: [{ name, user: rest }],
        contexts: [{ name, context }],
        'current-context': name,
      }),
    );
  } catch (error) {
    const { message } = error as Error;
    throw new ConnectionError(`the kubeconfig cannot be used: ${message}`, 'check --kubeconfig');
  }
  return {
    // As in kubectl, a token in the kubeconfig itself goes before.
    file: typeof path === 'string' && !rest['token'] ? tokenFile(path, FILE_REMEDY) : undefined,
    exec: exec && execCredentials(exec, clock),
  };
}

const FILE_REMEDY = 'check tokenFile in the kubeconfig, or log in again';

/** Address by KUBERNETES_SERVICE_HOST and _PORT, CA and namespace by files. */
function loadFromPod(config: KubeConfig, podRoot: string): CredentialSource {
  for (const file of [TOKEN, AUTHORITY]) {
    if (existsSync(`${podRoot}${file}`)) continue;
    throw new ConnectionError(
      `this is no pod with a service account: there is no ${podRoot}${file}`,
      'use --in-cluster only inside a pod',
    );
  }
  config.loadFromCluster(podRoot);
  if (config.getCurrentCluster()?.server.includes('undefined')) {
    throw new ConnectionError(
      'KUBERNETES_SERVICE_HOST or KUBERNETES_SERVICE_PORT is not set',
      'use --in-cluster only inside a pod',
    );
  }
  const user = config.getCurrentUser();
  // The library would read the token for us, and keep it.
  if (user) Object.assign(user, { authProvider: undefined });
  return { file: tokenFile(`${podRoot}${TOKEN}`), exec: undefined };
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

/** Who is refused again and again asks for new credentials no more often than this. */
const RENEW_EVERY_US = 10 * SECOND;

function credentialsOf(
  config: KubeConfig,
  { file, exec }: CredentialSource,
  certificate: ShownCertificate,
  clock: Clock,
): Pick<Connection, 'headers' | 'renew'> {
  let renewedUs = Number.NEGATIVE_INFINITY;
  let sent: string | undefined;
  return {
    async headers() {
      const options = await readOptions(config);
      const headers = readHeaders(options);
      const given = await exec?.get();
      certificate.show({
        cert: given?.certificate ?? options.cert,
        key: given?.key ?? options.key,
      });
      const token = file?.read() ?? given?.token;
      if (token !== undefined) headers['Authorization'] = `Bearer ${token}`;
      sent = headers['Authorization'];
      checkHeaders(headers);
      return headers;
    },
    renew(refused) {
      if (file === undefined && exec === undefined) return false;
      // Somebody else has been refused with it before, and it is new since.
      if (refused['Authorization'] !== sent) return true;
      if (clock.nowUs() - renewedUs < RENEW_EVERY_US) return false;
      renewedUs = clock.nowUs();
      file?.forget();
      exec?.forget();
      return true;
    },
  };
}

/** A line break in a token, say: Node would not send it, and says so of a defect of ours. */
function checkHeaders(headers: Readonly<Record<string, string>>): void {
  try {
    for (const [name, value] of Object.entries(headers)) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
  } catch {
    throw new ConnectionError(
      'no credentials for the cluster: a token or a name holds what no header takes',
      'log in again; look for line breaks in the token of the kubeconfig',
    );
  }
}

function readHeaders(options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value !== undefined) headers[name] = String(value);
  }
  if (options.auth) {
    headers['Authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  return headers;
}

interface AgentOptions {
  readonly server: string;
  readonly socketsMax: number;
  readonly authorities: readonly string[] | undefined;
}

/** Our own keep-alive agent; behind a proxy, the library's with keep-alive switched on. */
async function createAgent(
  config: KubeConfig,
  certificate: ShownCertificate,
  { server, socketsMax, authorities }: AgentOptions,
) {
  const keepAlive = { keepAlive: true, maxSockets: socketsMax, scheduling: 'fifo' as const };
  const options = await readOptions(config);
  if (config.getCurrentCluster()?.proxyUrl) {
    const { agent } = options;
    if (agent instanceof PlainAgent) {
      // It goes through the proxy as through the air: with TLS of its own.
      if (authorities === undefined) certificate.add(agent as TlsAgent);
      return Object.assign(agent, { ...keepAlive });
    }
  }
  if (authorities !== undefined) {
    const own = options.ca === undefined ? [] : [options.ca].flat();
    return new TlsAgent({ ...keepAlive, ca: [...rootCertificates, ...own, ...authorities] });
  }
  if (server.startsWith('http:')) return new PlainAgent(keepAlive);
  const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } = options;
  const secrets = defined({ ca, cert, key, pfx, passphrase });
  checkSecrets(secrets);
  const more = defined({ servername, rejectUnauthorized });
  const agent = new TlsAgent({ ...keepAlive, ...secrets, ...more });
  certificate.show({ cert, key });
  certificate.add(agent);
  return agent;
}

async function readOptions(config: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // What a log-in service answered may be secret.
    const why = code === undefined ? '' : ` (${code})`;
    throw new ConnectionError(
      `no credentials for the cluster${why}: a certificate or OIDC login cannot be used`,
      'log in again, or check the certificates and the OIDC section of the kubeconfig',
    );
  }
  return options;
}

function defined<T extends object>(members: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && value !== null),
  ) as Partial<T>;
}
