/** The way to a real cluster and back, whatever happens there. */

import { explainFailure } from '../cluster/explain-failure.ts';
import { SECOND } from '../core/duration.ts';
import { createRng } from '../core/rng.ts';
import { monotonicNs, systemClock } from '../core/system-clock.ts';
import { createClient } from '../kube/client.ts';
import { createHttpsTransport } from '../kube/https-transport.ts';
import { type ConnectionChoice, loadConnection } from '../kube/kubeconfig.ts';
import { patientTransport } from '../kube/patient-transport.ts';
import { type ClusterAccess, SOCKETS_MAX } from '../run/cluster-handle.ts';
import { atServerPace } from './cluster-pace.ts';
import { EXIT } from '../core/exit-code.ts';
import type { Session } from '../run/session.ts';

/**
 * Does something with the cluster, and lets go of it. Where it cannot be reached or will not let us
 * in, that is told in one line, and undefined is returned.
 */
export async function withAccess<T>(
  { host, screen, finish }: Session,
  choice: ConnectionChoice,
  act: (access: ClusterAccess) => Promise<T>,
): Promise<T | undefined> {
  let access: ClusterAccess | undefined;
  try {
    access = await accessCluster(choice, host.version);
    access = await atServerPace(access);
    return await act(access);
  } catch (error) {
    const explanation = explainFailure(error, access?.connection.server ?? '');
    if (explanation === undefined) throw error;
    screen.tell(`bench: ${explanation.found}`);
    screen.tell(`  -> ${explanation.remedy}`);
    finish(EXIT.usage);
    return undefined;
  } finally {
    access?.close();
  }
}

/** A single answer that takes longer is asked for again. */
const ANSWER_US = 30 * SECOND;

/** Throws ConnectionError with its remedy; sends nothing. */
async function accessCluster(choice: ConnectionChoice, version: string): Promise<ClusterAccess> {
  const connection = await loadConnection(choice);
  const clockOriginNs = monotonicNs();
  const clock = systemClock(clockOriginNs);
  const userAgent = `bench/${version}`;
  const transport = await createHttpsTransport({
    connection,
    clock,
    userAgent,
    socketsMax: SOCKETS_MAX,
    timeoutUs: ANSWER_US,
  });
  return {
    choice,
    connection,
    transport,
    client: createClient(patientTransport(transport, clock, createRng('patience'))),
    clock,
    clockOriginNs,
    userAgent,
    close: () => transport.close(),
  };
}
