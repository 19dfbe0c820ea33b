/**
 * Serves the simulated cluster until it is interrupted. Whatever clients do meanwhile happens in
 * paced time; what is saved at the end is the cluster between two timers.
 */

import type { Clock } from '../../core/clock.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import {
  createCredentials,
  type Credentials,
  kubeconfigText,
} from '../../sim/apiserver/https/credentials.ts';
import { type HttpsFace, serveHttps } from '../../sim/apiserver/https/serve.ts';
import { createPacedKernel, type PacedKernel } from '../../sim/kernel/paced-clock.ts';
import { EXIT } from '../../core/exit-code.ts';
import { UsageError } from '../../core/usage-error.ts';
import type { Session } from '../../run/session.ts';
import { countByFault } from './admin.ts';
import type { ClusterArguments } from './arguments.ts';
import { kubeconfigFile } from './kubeconfig-file.ts';
import { watchLag } from './lag.ts';
import { scenarioFor } from './loaded-scenario.ts';
import {
  defectText,
  chooseLatency,
  openBare,
  openSimulated,
  type ServedCluster,
} from './served-cluster.ts';
import { readState, type SavedState, writeState } from './state-file.ts';

const CLUSTER_NAME = 'simulated';
const DEFAULT_SEED = 1;
/**
 * A start in the past would not mend it: ages would be days too long instead, and clients that
 * subtract our stamps from their clock would report days for seconds.
 */
const AHEAD =
  'simulated stamps run ahead of the clock here: ages that kubectl works out itself (describe, ' +
  'events) show <invalid>, those of kubectl get are right; other tools should measure at --speed 1';

interface Service {
  readonly args: ClusterArguments;
  readonly scenario: Scenario;
  readonly kernel: PacedKernel;
  readonly seed: number;
  readonly cluster: ServedCluster;
  readonly hosts: readonly string[];
  readonly credentials: Credentials | undefined;
}

export async function serveCluster(session: Session, args: ClusterArguments): Promise<void> {
  const { host, screen } = session;
  const scenario = scenarioFor(args, screen.tell);
  if (!scenario) return session.finish(EXIT.usage);
  const kubeconfig = kubeconfigFile(args.writeKubeconfig);
  try {
    const service = prepare(session, args, scenario);
    await service.kernel.run(async () => {
      const face = await listen(service);
      const stopLag = watchLag(service.kernel, host.clock, screen.tell);
      kubeconfig.write(configText(service, face));
      screen.tell(`${describeService(service)}: ${clientUrl(args, face)}; Ctrl-C ends it`);
      if (args.speed > 1) screen.tell(AHEAD);
      screen.print(`export KUBECONFIG=${quoted(kubeconfig.path)}\nkubectl get nodes\n`);
      await interrupted(host.interrupt);
      stopLag();
      await face.close();
    });
    tellFaults(service, screen.tell);
    save(service, screen.tell);
  } finally {
    kubeconfig.discard();
  }
  session.finish(host.interrupt.reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted);
}

function prepare(session: Session, args: ClusterArguments, scenario: Scenario): Service {
  const { clock } = session.host;
  const saved = args.state === undefined ? undefined : readState(args.state);
  const seed = saved?.seed ?? args.seed ?? scenario.simulation.seed ?? DEFAULT_SEED;
  const { tell } = session.screen;
  const kernel = kernelFor(args.speed, clock, saved, (error) => tell(defectText(error)));
  const open = args.simulate ? openSimulated : openBare;
  const scenarioIsOurs = args.scenario === undefined;
  const hosts = [...new Set([args.host, 'localhost', '127.0.0.1', '::1'])];
  return {
    args,
    scenario,
    kernel,
    seed,
    hosts,
    cluster: open({ scenario, scenarioIsOurs, seed, kernel, saved, tell }),
    credentials: args.insecureHttp ? undefined : credentialsFor(hosts, clock, saved),
  };
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

async function listen({ args, scenario, kernel, cluster, credentials }: Service) {
  const { host, port, speed } = args;
  const { server, faults, extension } = cluster;
  try {
    return await serveHttps({
      server,
      clock: kernel,
      speed,
      host,
      port,
      faults,
      ...chooseLatency(scenario),
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

function configText({ args, credentials }: Service, face: HttpsFace): string {
  const url = clientUrl(args, face);
  return kubeconfigText(url, credentials, CLUSTER_NAME);
}

/** An address that means all addresses is none to connect to. */
function clientUrl({ host, insecureHttp }: ClusterArguments, { port, url }: HttpsFace): string {
  if (host !== '0.0.0.0' && host !== '::') return url;
  return `${insecureHttp ? 'http' : 'https'}://127.0.0.1:${port}`;
}

function describeService({ args, scenario, seed, kernel }: Service): string {
  const what = args.simulate ? 'simulated cluster' : 'bare API server, nothing simulated,';
  const which = args.scenario === undefined ? '' : ` of ${scenario.name}`;
  return `${what}${which} (seed ${seed}, speed ${kernel.speed})`;
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

/** For a shell, only where it needs to be. */
function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
