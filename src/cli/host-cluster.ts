/** What `bench cluster` does once its options are read: apart, as it loads the whole simulator. */

import type { Clock } from '../core/clock.ts';
import { SECOND } from '../core/duration.ts';
import { EXIT } from '../core/exit-code.ts';
import { clusterName } from '../kube/connection.ts';
import { parseCsiAddress } from '../sim/host/csi/endpoint.ts';
import { parseControllers } from '../sim/host/controllers-argument.ts';
import { playControllers } from '../sim/host/controllers-only.ts';
import type { DescribedCluster, Hosting } from '../sim/host/hosting.ts';
import { serveCluster } from '../sim/host/serve.ts';
import { BUILT_IN_CLASSES } from './built-in-scenario.ts';
import { withAccess } from './cluster-access.ts';
import { checkArguments, type ClusterArguments } from './cluster-options.ts';
import { scenarioFor } from './loaded-scenario.ts';
import type { CommandSession } from './session.ts';
import { describeCluster } from './target.ts';

export async function hostCluster(session: CommandSession, args: ClusterArguments): Promise<void> {
  const { finish, screen } = session;
  checkArguments(args);
  const csi = args.csi === undefined ? undefined : parseCsiAddress(args.csi);
  const without = parseControllers(args.controllers, csi !== undefined);
  const described = describedCluster(args, screen.tell);
  if (described === undefined) return finish(EXIT.usage);
  const { clock, interrupt } = session.host;
  const hosting: Hosting = { clock, interrupt, print: screen.print, tell: screen.tell };
  if (!args.controllersOnly) return finish(await serveCluster(hosting, { ...args, described }));
  const { kubeconfig, context } = args;
  const choice = { ...(kubeconfig && { kubeconfig }), ...(context && { context }) };
  await withAccess(session, choice, async (access) => {
    const client = access.clientUntil(soonAfter(interrupt, clock));
    const server = { ...access, client, name: clusterName(access.connection) };
    finish(await playControllers(hosting, server, { ...args, described, without, csi }));
  });
}

/** Ceph's memory is written and the lease released after the signal; no dead server is awaited. */
const LAST_WRITES_US = 4 * SECOND;

function soonAfter(interrupt: AbortSignal, clock: Clock): AbortSignal {
  const late = new AbortController();
  const abort = () => late.abort(interrupt.reason);
  const wait = () => clock.schedule(LAST_WRITES_US, abort, { kind: 'background' });
  if (interrupt.aborted) wait();
  else interrupt.addEventListener('abort', wait, { once: true });
  return late.signal;
}

/** Undefined once its problems have been told. */
function describedCluster(
  args: ClusterArguments,
  tell: (line: string) => void,
): DescribedCluster | undefined {
  const scenario = scenarioFor(args, tell);
  return scenario && describeCluster(scenario, args.scenario ? undefined : BUILT_IN_CLASSES);
}
