/** `bench cluster`: the simulated cluster for kubectl and any other client, until Ctrl-C. */

import type { CommandBody } from './command-body.ts';
import type { Argv, CommandModule } from 'yargs';
import { EXIT } from '../core/exit-code.ts';
import { type ClusterArguments, clusterOptions } from './cluster-options.ts';
import type { CommandSession } from './session.ts';

export function clusterCommand(session: CommandSession): CommandBody<ClusterArguments> {
  return {
    builder: (yargs) =>
      clusterOptions(yargs.command(crdsCommand(session))) as Argv<ClusterArguments>,
    handler: async (args) => {
      const { hostCluster } = await import('./host-cluster.ts');
      await hostCluster(session, args);
    },
  };
}

function crdsCommand({ screen, finish }: CommandSession): CommandModule {
  return {
    command: 'crds',
    describe: 'Print minimal CustomResourceDefinitions, for a server that has none',
    handler: async () => {
      const { crdsText } = await import('../sim/host/crds.ts');
      screen.print(crdsText());
      finish(EXIT.ok);
    },
  };
}
