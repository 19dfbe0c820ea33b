/**
 * etcd and kube-apiserver on loopback, with kube-controller-manager and kube-scheduler where their
 * binaries are there: what is not, `bench cluster --controllers-only` plays.
 */

import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/core/system-clock.ts';
import { createClient, type KubeClient } from '../../../src/kube/client.ts';
import { createHttpsTransport } from '../../../src/kube/https-transport.ts';
import { loadConnection } from '../../../src/kube/kubeconfig.ts';
import { type Authority, createAuthority, signingKey } from './certificates.ts';
import { type Environment, freePort, type Program, startProgram, until } from './programs.ts';

export interface ControlPlane {
  readonly folder: string;
  readonly binaries: string;
  readonly url: string;
  readonly authority: Authority;
  /** Of an administrator. */
  readonly kubeconfig: string;
  readonly client: KubeClient;
  /** Controllers of Kubernetes that are real. */
  readonly real: readonly string[];
  /** `by`: what starts it, put before it. */
  start(
    name: string,
    binary: string,
    args: readonly string[],
    how?: { readonly env?: Environment; readonly by?: readonly string[] },
  ): Program;
  stop(): Promise<void>;
}

/** What kube-controller-manager does, by the names of `bench cluster --controllers`. */
const OF_MANAGER = [
  'garbage-collector',
  'namespaces',
  'attach-detach',
  'node-lifecycle',
  'volume-binder',
  'volume-protection',
];

export async function startControlPlane(binaries: string, folder: string): Promise<ControlPlane> {
  mkdirSync(folder, { recursive: true });
  const programs: Program[] = [];
  const start: ControlPlane['start'] = (name, binary, args, { env, by = [] } = {}) => {
    const [first = '', ...rest] = [...by, join(binaries, binary), ...args];
    const program = startProgram(name, first, rest, { folder, env });
    programs.push(program);
    return program;
  };
  // Of their own: KubeVirt watches the folder of its certificates, and logs are written all the time.
  const certificates = join(folder, 'certificates');
  mkdirSync(certificates, { recursive: true });
  const authority = createAuthority(certificates);
  const etcd = await startEtcd(start, folder);
  const hasManager = existsSync(join(binaries, 'kube-controller-manager'));
  const hasScheduler = existsSync(join(binaries, 'kube-scheduler'));
  const key = signingKey(certificates);
  const port = await freePort();
  const url = `https://127.0.0.1:${port}`;
  const args = serverArguments({ authority, etcd, key, port, hasManager });
  const server = start('kube-apiserver', 'kube-apiserver', args);
  const admin = authority.client('admin', 'real-admin', 'system:masters');
  const kubeconfig = authority.kubeconfig(url, admin);
  const client = await clientOf(kubeconfig);
  await until('kube-apiserver is ready', () => isReady(client), { log: server.log });
  if (hasManager)
    start('kube-controller-manager', 'kube-controller-manager', [
      `--kubeconfig=${kubeconfig}`,
      `--service-account-private-key-file=${key}`,
      `--root-ca-file=${authority.file}`,
      '--use-service-account-credentials=false',
      '--secure-port=0',
      // The defaults would throttle the volume binder before anything of interest does.
      '--kube-api-qps=150',
      '--kube-api-burst=300',
    ]);
  if (hasScheduler) {
    start('kube-scheduler', 'kube-scheduler', [`--kubeconfig=${kubeconfig}`, '--secure-port=0']);
  }
  return {
    folder,
    binaries,
    url,
    authority,
    kubeconfig,
    client,
    real: [...(hasManager ? OF_MANAGER : []), ...(hasScheduler ? ['scheduler'] : [])],
    start,
    async stop() {
      for (const program of programs.toReversed()) await program.stop();
    },
  };
}

async function clientOf(kubeconfig: string): Promise<KubeClient> {
  const connection = await loadConnection({ kubeconfig });
  const clock = systemClock();
  return createClient(await createHttpsTransport({ connection, clock, userAgent: 'real-arm' }));
}

async function startEtcd(start: ControlPlane['start'], folder: string): Promise<string> {
  const [own, peer] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${own}`;
  const peers = `http://127.0.0.1:${peer}`;
  start('etcd', 'etcd', [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
    '--unsafe-no-fsync',
  ]);
  return url;
}

interface ServerSettings {
  readonly authority: Authority;
  readonly etcd: string;
  readonly key: string;
  readonly port: number;
  readonly hasManager: boolean;
}

function serverArguments({ authority, etcd, key, port, hasManager }: ServerSettings) {
  const server = authority.server('kube-apiserver', ['kubernetes.default.svc']);
  const proxy = authority.client('front-proxy', 'front-proxy-client');
  return [
    `--etcd-servers=${etcd}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    `--secure-port=${port}`,
    `--tls-cert-file=${server.crt}`,
    `--tls-private-key-file=${server.keyFile}`,
    `--client-ca-file=${authority.file}`,
    '--authorization-mode=RBAC',
    '--allow-privileged=true',
    '--service-cluster-ip-range=10.0.0.0/24',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${key}`,
    `--service-account-signing-key-file=${key}`,
    `--requestheader-client-ca-file=${authority.file}`,
    '--requestheader-allowed-names=front-proxy-client',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-username-headers=X-Remote-User',
    `--proxy-client-cert-file=${proxy.crt}`,
    `--proxy-client-key-file=${proxy.keyFile}`,
    // Without a controller manager nobody makes the accounts that pods would need.
    ...(hasManager ? [] : ['--disable-admission-plugins=ServiceAccount']),
  ];
}

async function isReady(client: KubeClient): Promise<boolean> {
  const { status } = await client.transport.request({ method: 'GET', path: '/readyz' });
  return status === 200;
}
