/** `bench cluster`: the simulated cluster for kubectl and any other client, until Ctrl-C. */

import type { Argv, CommandModule } from 'yargs';
import { EXIT } from '../core/exit-code.ts';
import { clusterName } from '../kube/connection.ts';
import { parseCsiAddress } from '../sim/host/csi/endpoint.ts';
import { parseControllers } from '../sim/host/controllers-argument.ts';
import { playControllers } from '../sim/host/controllers-only.ts';
import { crdsText } from '../sim/host/crds.ts';
import type { DescribedCluster, Hosting } from '../sim/host/hosting.ts';
import { serveCluster } from '../sim/host/serve.ts';
import { BUILT_IN_CLASSES } from './built-in-scenario.ts';
import { withAccess } from './cluster-access.ts';
import { checkArguments, type ClusterArguments, clusterOptions } from './cluster-options.ts';
import { scenarioFor } from './loaded-scenario.ts';
import type { CommandSession } from './session.ts';
import { describeCluster } from './target.ts';

export function clusterCommand(session: CommandSession): CommandModule<object, ClusterArguments> {
  return {
    command: 'cluster',
    describe: 'Serve the simulated cluster over HTTPS, for kubectl and any other client',
    builder: (yargs) =>
      clusterOptions(yargs.command(crdsCommand(session))) as Argv<ClusterArguments>,
    handler: (args) => host(session, args),
  };
}

async function host(session: CommandSession, args: ClusterArguments): Promise<void> {
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
    const server = { ...access, name: clusterName(access.connection) };
    finish(await playControllers(hosting, server, { ...args, described, without, csi }));
  });
}

/** Undefined once its problems have been told. */
function describedCluster(
  args: ClusterArguments,
  tell: (line: string) => void,
): DescribedCluster | undefined {
  const scenario = scenarioFor(args, tell);
  return scenario && describeCluster(scenario, args.scenario ? undefined : BUILT_IN_CLASSES);
}

function crdsCommand({ screen, finish }: CommandSession): CommandModule {
  return {
    command: 'crds',
    describe: 'Print minimal CustomResourceDefinitions, for a server that has none',
    handler: () => {
      screen.print(crdsText());
      finish(EXIT.ok);
    },
  };
}
