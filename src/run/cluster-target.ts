/**
 * A run on a real cluster: on the wall clock, watched from a worker thread. A simulated cluster
 * behind HTTPS is driven the same way, and says in each answer that it is one.
 */

import { PROMETHEUS_SERVICE } from '../api/monitoring.ts';
import type { Setting } from '../benchmark.ts';
import { ANSWER_TIMEOUT_US, CONNECT_TIMEOUT_US } from '../api/probe.ts';
import { clusterEnvironment, clusterUid } from '../cluster/environment.ts';
import { MINUTE, SECOND } from '../core/duration.ts';
import { createRng, freshUuid } from '../core/rng.ts';
import { REQUESTS_MAX } from '../drive/lab.ts';
import { makerName } from '../kube/maker.ts';
import { workerHost } from '../observe/worker-host.ts';
import { createPseudonyms, type Pseudonyms } from '../record/pseudonyms.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { clusterName } from '../kube/connection.ts';
import { type ClusterAccess, SOCKETS_MAX } from './cluster-handle.ts';
import { networkProbe } from './network-probe.ts';
import { prometheusAt, prometheusBehind } from './prometheus.ts';
import { externalRunner } from './run-external.ts';
import type { OpenedTarget, TargetOptions } from './setting.ts';
import { lazyThanos } from './thanos.ts';

/** Streams are renewed at this interval by the server, and their position asked for each minute. */
const WATCH_TIMEOUT_US = 10 * MINUTE;

/** Servers send a bookmark a minute: two missed ones mean that the stream is dead. */
const WATCH_SILENCE_US = 150 * SECOND;

/** No machine is so busy that it keeps what has arrived for so long. */
const SLOWEST_US = 20 * SECOND;

/** Control planes that are upgraded may be away for minutes. */
const SERVER_LOSS_TIMEOUT_US = 5 * MINUTE;

/** Rejects with what explainFailure knows, where nobody answers. */
export async function openCluster(
  scenario: Scenario | undefined,
  access: ClusterAccess,
  {
    seed,
    lostAfterUs,
    deletionDeadlineUs,
    prometheus,
    allowExec,
    hashNames = false,
  }: TargetOptions,
): Promise<OpenedTarget> {
  const { client, clock, choice, clockOriginNs, userAgent, connection } = access;
  const { speed, twin } = access;
  // However fast a simulated day goes by: the timeout is for machines and networks that are real.
  const pace = speed ?? 1;
  const pseudonyms = hashNames ? await clusterPseudonyms(access) : undefined;
  const environment = await clusterEnvironment(client, {
    name: pseudonyms?.name(connection.context) ?? connection.context,
    storageClass: scenario?.storage.className,
    withParameters: !hashNames,
    client: {
      name: userAgent,
      requestsMax: String(REQUESTS_MAX),
      socketsMax: String(SOCKETS_MAX),
      ...(speed === undefined ? {} : { simulation: `speed=${speed}` }),
    },
  });
  const setting: Setting = {
    target: speed === undefined ? 'cluster' : 'simulated',
    seed,
    clock,
    rng: createRng(seed).fork('harness'),
    transport: access.transport,
    watch: {
      timeoutUs: WATCH_TIMEOUT_US,
      silenceUs: Math.max(WATCH_SILENCE_US, pace * SLOWEST_US),
    },
    clocks: { leases: true, watchTimeoutUs: WATCH_TIMEOUT_US },
    watchHost: workerHost({ choice, userAgent, clockOriginNs, speed: pace }),
    outlivesProcess: true,
    maker: makerName(freshUuid()),
    serverLossTimeoutUs: pace * (lostAfterUs ?? SERVER_LOSS_TIMEOUT_US),
    deletionDeadlineUs,
    probe: networkProbe({
      clock,
      userAgent,
      connectTimeoutUs: pace * CONNECT_TIMEOUT_US,
      answerTimeoutUs: pace * ANSWER_TIMEOUT_US,
    }),
    ...metricsOf(scenario, access, prometheus),
    ...(allowExec ? { external: externalRunner(clock) } : {}),
    pseudonyms,
    during: (main) => main(),
  };
  return {
    kind: setting.target,
    seed,
    open: () => setting,
    environment: { ...environment, ...(twin && { twin }) },
    description: describeTarget(access, speed),
    access,
  };
}

/** A simulated cluster has a Prometheus of its own, an OpenShift one is asked where it has its. */
function metricsOf(
  scenario: Scenario | undefined,
  access: ClusterAccess,
  address: string | undefined,
): Pick<Setting, 'metrics'> {
  if (address !== undefined) return { metrics: prometheusAt(address, access) };
  const isOpenShift = scenario?.metrics?.profile === 'openshift';
  if (access.speed === undefined) return isOpenShift ? { metrics: lazyThanos(access) } : {};
  return { metrics: prometheusBehind(access.transport, PROMETHEUS_SERVICE) };
}

/** By the cluster's own salt, so that one node has one hash in all runs. */
async function clusterPseudonyms({ client, connection }: ClusterAccess): Promise<Pseudonyms> {
  const salt = (await clusterUid(client)) ?? connection.server;
  return createPseudonyms(salt, [new URL(connection.server).hostname, connection.context]);
}

function describeTarget(access: ClusterAccess, speed: number | undefined): string {
  const name = clusterName(access.connection);
  return speed === undefined ? `on ${name}` : `on ${name}, a simulated cluster at speed ${speed}`;
}
