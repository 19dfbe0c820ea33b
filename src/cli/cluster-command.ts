/** `bench cluster`: the simulated cluster for kubectl and any other client, until Ctrl-C. */

import type { Argv, CommandModule } from 'yargs';
import { checkArguments, type ClusterArguments, clusterOptions } from './cluster/arguments.ts';
import { playControllers } from './cluster/controllers-only.ts';
import { crdsText } from './cluster/crds.ts';
import { serveCluster } from './cluster/serve.ts';
import { EXIT } from '../core/exit-code.ts';
import type { Session } from '../run/session.ts';

export function clusterCommand(session: Session): CommandModule<object, ClusterArguments> {
  return {
    command: 'cluster',
    describe: 'Serve the simulated cluster over HTTPS, for kubectl and any other client',
    builder: (yargs) =>
      clusterOptions(yargs.command(crdsCommand(session))) as Argv<ClusterArguments>,
    handler: async (args) => {
      checkArguments(args);
      await (args.controllersOnly ? playControllers : serveCluster)(session, args);
    },
  };
}

function crdsCommand({ screen, finish }: Session): CommandModule {
  return {
    command: 'crds',
    describe: 'Print minimal CustomResourceDefinitions, for a server that has none',
    handler: () => {
      screen.print(crdsText());
      finish(EXIT.ok);
    },
  };
}
