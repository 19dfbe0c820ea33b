/**
 * Serves the simulated cluster until it is interrupted. Whatever clients do meanwhile happens in
 * paced time; what is saved at the end is the cluster between two timers.
 */

import type { Clock } from '../../core/clock.ts';
import {
  createCredentials,
  type Credentials,
  kubeconfigText,
} from '../apiserver/https/credentials.ts';
import { type HttpsFace, serveHttps } from '../apiserver/https/serve.ts';
import { createPacedKernel, type PacedKernel } from '../kernel/paced-clock.ts';
import type { ExitCode } from '../../core/exit-code.ts';
import { shellWord } from '../../core/shell-word.ts';
import { UsageError } from '../../core/usage-error.ts';
import { countByFault } from './admin.ts';
import { type DescribedCluster, endedBySignal, type Hosting } from './hosting.ts';
import { kubeconfigFile } from './kubeconfig-file.ts';
import { watchLag } from './lag.ts';
import {
  defectText,
  apiLatency,
  openBare,
  openSimulated,
  type ServedCluster,
} from './served-cluster.ts';
import { readState, type SavedState, writeState } from './state-file.ts';

const CLUSTER_NAME = 'simulated';
/**
 * A start in the past would not mend it: ages would be days too long instead, and clients that
 * subtract our stamps from their clock would report days for seconds.
 */
const AHEAD =
  'simulated stamps run ahead of the clock here: ages that kubectl works out itself (describe, ' +
  'events) show <invalid>, those of kubectl get are right; other tools should measure at --speed 1';

export interface ServeOptions {
  readonly described: DescribedCluster;
  readonly seed: number | undefined;
  readonly speed: number;
  readonly host: string;
  readonly port: number;
  readonly insecureHttp: boolean;
  /** Of clients with credentials; without them all are one and may do everything. */
  readonly authorization: 'RBAC' | 'AlwaysAllow';
  readonly writeKubeconfig: string | undefined;
  readonly state: string | undefined;
  /** Whether anybody works behind the API server. */
  readonly simulate: boolean;
}

interface Service {
  readonly args: ServeOptions;
  readonly kernel: PacedKernel;
  readonly seed: number;
  readonly cluster: ServedCluster;
  readonly hosts: readonly string[];
  readonly credentials: Credentials | undefined;
}

export async function serveCluster(hosting: Hosting, args: ServeOptions): Promise<ExitCode> {
  const { clock, interrupt, print, tell } = hosting;
  const kubeconfig = kubeconfigFile(args.writeKubeconfig);
  try {
    const service = prepare(hosting, args);
    await service.kernel.run(async () => {
      const endpoint = await listen(service);
      const stopLag = watchLag(service.kernel, clock, tell);
      try {
        kubeconfig.write(configText(service, endpoint));
        tell(`${describeService(service)}: ${clientUrl(args, endpoint)}; Ctrl-C ends it`);
        if (args.speed > 1) tell(AHEAD);
        print(`export KUBECONFIG=${shellWord(kubeconfig.path)}\nkubectl get nodes\n`);
        await interrupted(interrupt);
      } finally {
        // Where the kubeconfig cannot be written, nobody could reach us: no reason to go on.
        stopLag();
        await endpoint.close();
      }
    });
    tellFaults(service, tell);
    save(service, tell);
  } finally {
    kubeconfig.discard();
  }
  return endedBySignal(hosting);
}

function prepare({ clock, tell }: Hosting, args: ServeOptions): Service {
  const { described } = args;
  const saved = args.state === undefined ? undefined : readState(args.state);
  const seed = saved?.seed ?? args.seed ?? described.seed;
  const kernel = kernelFor(args.speed, clock, saved, (error) => tell(defectText(error)));
  const open = args.simulate ? openSimulated : openBare;
  const authorization = args.insecureHttp ? 'AlwaysAllow' : args.authorization;
  const hosts = [...new Set([args.host, 'localhost', '127.0.0.1', '::1'])];
  return {
    args,
    kernel,
    seed,
    hosts,
    cluster: fromState(args.state, () =>
      open({ described, seed, kernel, saved, authorization, tell }),
    ),
    credentials: args.insecureHttp ? undefined : credentialsFor(hosts, clock, saved),
  };
}

/** What is wrong with what was saved, with the file's name. */
function fromState<T>(state: string | undefined, open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (state === undefined || !(error instanceof UsageError)) throw error;
    throw new UsageError(`--state ${state} cannot be read: ${error.message}`);
  }
}

/** Time goes on where it was saved, unless the calendar has overtaken it. */
function kernelFor(
  speed: number,
  wall: Clock,
  saved: SavedState | undefined,
  onThrow: (error: unknown) => void,
): PacedKernel {
  const epochUnixUs = Math.max(wall.wallUs(), saved?.wallUs ?? 0);
  return createPacedKernel({ speed, wall, epochUnixUs, onThrow });
}

/** Those that were saved, so that clients survive a restart, if they fit the addresses. */
function credentialsFor(
  hosts: readonly string[],
  wall: Clock,
  saved: SavedState | undefined,
): Credentials {
  const fit = hosts.every((host) => saved?.hosts.includes(host));
  if (saved?.credentials && fit) return saved.credentials;
  return createCredentials(hosts, wall.wallUs());
}

async function listen({ args, kernel, cluster, credentials }: Service) {
  const { host, port, speed } = args;
  const { server, faults, extension } = cluster;
  try {
    return await serveHttps({
      server,
      clock: kernel,
      speed,
      twin: args.described.twin,
      host,
      port,
      faults,
      ...apiLatency(args.described),
      ...(credentials && { credentials }),
      extension,
    });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new UsageError(`port ${port} of ${host} is taken: choose another --port`);
    }
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new UsageError(`cannot listen on ${host}, port ${port} (${message})`);
    }
    throw error;
  }
}

function configText({ args, credentials }: Service, endpoint: HttpsFace): string {
  const url = clientUrl(args, endpoint);
  return kubeconfigText(url, credentials, CLUSTER_NAME);
}

/** An address that means all addresses is none to connect to. */
function clientUrl({ host, insecureHttp }: ServeOptions, { port, url }: HttpsFace): string {
  if (host !== '0.0.0.0' && host !== '::') return url;
  return `${insecureHttp ? 'http' : 'https'}://127.0.0.1:${port}`;
}

function describeService({ args, seed, kernel }: Service): string {
  const what = args.simulate ? 'simulated cluster' : 'bare API server, nothing simulated,';
  const { name, calibratedOn } = args.described;
  const which = name === undefined ? '' : ` of ${name}`;
  const twin = calibratedOn === undefined ? '' : `, ${calibratedOn}`;
  return `${what}${which} (seed ${seed}, speed ${kernel.speed}${twin})`;
}

function interrupted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** How often each fault happened, if any did. */
function tellFaults({ cluster }: Service, tell: (line: string) => void): void {
  const counts = countByFault(cluster.faults.records);
  const texts = Object.entries(counts).map(([fault, count]) => `${count} ${fault}`);
  if (texts.length > 0) tell(`faults that happened: ${texts.join(', ')}`);
}

function save(service: Service, tell: (line: string) => void): void {
  const { args, cluster, kernel, seed, hosts, credentials } = service;
  if (args.state === undefined) return;
  const kept = { seed, wallUs: kernel.wallUs(), hosts, ...(credentials && { credentials }) };
  writeState(args.state, { ...kept, ...cluster.save() });
  tell(`saved: ${args.state}`);
}
