/** The way to a real cluster and back, whatever happens there. */

import { isAborted } from '../api/transport.ts';
import { explainFailure } from '../cluster/explain-failure.ts';
import { SECOND } from '../core/duration.ts';
import { createRng } from '../core/rng.ts';
import { monotonicNs, systemClock } from '../core/system-clock.ts';
import { attentiveTransport } from '../kube/attentive-transport.ts';
import { createClient } from '../kube/client.ts';
import { createHttpsTransport } from '../kube/https-transport.ts';
import { type ConnectionChoice, loadConnection } from '../kube/kubeconfig.ts';
import { retryingTransport } from '../kube/retrying-transport.ts';
import { type ClusterAccess, SOCKETS_MAX } from '../run/cluster-handle.ts';
import { atServerPace } from './cluster-pace.ts';
import { EXIT } from '../core/exit-code.ts';
import type { Host } from '../run/host.ts';
import { interruptionCodes } from '../run/perform-run.ts';
import type { Session } from '../run/session.ts';

/**
 * Does something with the cluster, and lets go of it. Where it cannot be reached or will not let us
 * in, that is told in one line, and undefined is returned.
 */
export async function withAccess<T>(
  session: Session,
  choice: ConnectionChoice,
  act: (access: ClusterAccess) => Promise<T>,
): Promise<T | undefined> {
  const { host, screen, finish } = session;
  let access: ClusterAccess | undefined;
  try {
    access = await accessCluster(choice, host, (line) => screen.tell(line));
    access = await atServerPace(access, host.interrupt);
    return await act(access);
  } catch (error) {
    if (host.interrupt.aborted && isAborted(error)) {
      finish(...interruptionCodes(session));
      return undefined;
    }
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
async function accessCluster(
  choice: ConnectionChoice,
  { version, interrupt }: Host,
  tell: (line: string) => void,
): Promise<ClusterAccess> {
  const connection = await loadConnection(choice);
  const clockOriginNs = monotonicNs();
  const clock = systemClock(clockOriginNs);
  const userAgent = `bench/${version}`;
  const https = await createHttpsTransport({
    connection,
    clock,
    userAgent,
    socketsMax: SOCKETS_MAX,
    timeoutUs: ANSWER_US,
  });
  const { counts } = https;
  const close = () => {
    https.close();
    connection.close?.();
  };
  const transport = { ...attentiveTransport(https, clock, tell), counts, close };
  const clientUntil = (signal: AbortSignal, isHurried = false) =>
    createClient(retryingTransport(transport, clock, createRng('retries'), signal, isHurried));
  return {
    choice,
    connection,
    transport,
    client: clientUntil(interrupt),
    clientUntil,
    clock,
    clockOriginNs,
    userAgent,
    close,
  };
}
