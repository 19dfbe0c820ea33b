/** The options of `bench cluster`, checked. */

import type { Argv } from 'yargs';
import { isLoopback } from '../core/loopback.ts';
import { notNegative, once, wholeNumber } from './options.ts';
import { UsageError } from '../core/usage-error.ts';
import { SET } from './shared-options.ts';
import { TWIN } from './twin-option.ts';

export interface ClusterArguments {
  readonly scenario: string | undefined;
  readonly set: readonly string[];
  readonly twin: string | undefined;
  readonly fault: readonly string[];
  readonly seed: number | undefined;
  readonly speed: number;
  readonly host: string;
  readonly port: number;
  readonly insecureHttp: boolean;
  readonly authorization: 'RBAC' | 'AlwaysAllow';
  readonly writeKubeconfig: string | undefined;
  readonly state: string | undefined;
  readonly simulate: boolean;
  readonly controllersOnly: boolean;
  readonly controllers: string | undefined;
  readonly csi: string | undefined;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}

/** None of them is global: the commands below `bench cluster` have options of their own. */
export function clusterOptions(yargs: Argv): Argv {
  return serverOptions(contentOptions(yargs))
    .option('controllers-only', {
      global: false,
      type: 'boolean',
      default: false,
      describe:
        'Serve nothing: play KubeVirt, CDI, nodes and storage on the server of --kubeconfig',
    })
    .option('controllers', {
      global: false,
      type: 'string',
      coerce: once('controllers'),
      describe: 'With --controllers-only: `*,-scheduler` leaves out what the server has itself',
    })
    .option('csi', {
      global: false,
      type: 'string',
      coerce: once('csi'),
      describe: 'With --controllers-only: unix:///PATH, where real CSI sidecars find the driver',
    })
    .option('kubeconfig', {
      global: false,
      type: 'string',
      coerce: once('kubeconfig'),
      describe: 'With --controllers-only: the server to work on',
    })
    .option('context', {
      global: false,
      type: 'string',
      coerce: once('context'),
      describe: 'With --controllers-only: the context of the kubeconfig',
    })
    .example('$0 cluster --write-kubeconfig k.yaml', 'a cluster for kubectl and any other client')
    .example('$0 cluster --speed 60 --fault requests.errors=2%', 'an hour a minute, with faults')
    .epilogue('Runs until Ctrl-C (exit 130) or SIGTERM (exit 143); --state is written then.');
}

function contentOptions(yargs: Argv): Argv {
  return yargs
    .option('scenario', {
      global: false,
      type: 'string',
      coerce: once('scenario'),
      describe: 'Scenario whose classes, images and simulation section count',
    })
    .option('set', {
      ...SET,
      global: false,
      describe: 'Override a field: simulation.nodes.count=10',
    })
    .option('twin', { ...TWIN, global: false })
    .option('fault', {
      global: false,
      type: 'string',
      array: true,
      nargs: 1,
      default: [],
      defaultDescription: 'none',
      describe: 'Order a fault: watches.cutAfter=30s, requests.errors=5%, guests.neverBoot=1%',
    })
    .option('seed', {
      global: false,
      type: 'number',
      describe: 'Seed of all randomness [default: from the scenario, else 1]',
      coerce: wholeNumber('seed'),
    })
    .option('speed', {
      global: false,
      type: 'number',
      default: 1,
      describe: 'Simulated seconds in one of ours: 60 is an hour in a minute',
      coerce: notNegative('speed'),
    })
    .option('state', {
      global: false,
      type: 'string',
      coerce: once('state'),
      describe: 'File that the cluster is loaded from, if it is there, and saved to at the end',
    })
    .option('simulate', {
      global: false,
      type: 'boolean',
      default: true,
      describe: 'Controllers, nodes and storage; --no-simulate serves a bare API',
    });
}

function serverOptions(yargs: Argv): Argv {
  return yargs
    .option('host', {
      global: false,
      type: 'string',
      default: '127.0.0.1',
      coerce: once('host'),
      describe: 'Address to listen on; beyond loopback only where this asks for it',
    })
    .option('port', {
      global: false,
      type: 'number',
      default: 0,
      defaultDescription: 'any free one',
      coerce: wholeNumber('port'),
      describe: 'Port to listen on',
    })
    .option('write-kubeconfig', {
      global: false,
      type: 'string',
      coerce: once('write-kubeconfig'),
      describe: 'File for the credentials [default: a temporary one]',
    })
    .option('authorization', {
      global: false,
      choices: ['RBAC', 'AlwaysAllow'] as const,
      default: 'RBAC' as const,
      describe: 'What clients may do: what roles grant, with --as to try them, or everything',
    })
    .option('insecure-http', {
      global: false,
      type: 'boolean',
      default: false,
      describe: 'Plain HTTP without credentials, on loopback only',
    });
}

/** What cannot be meant together. */
export function checkArguments(args: ClusterArguments): void {
  if (args.speed <= 0) throw new UsageError('--speed has to be above 0');
  if (args.port > 65_535) throw new UsageError('--port has to be at most 65535');
  if (args.insecureHttp && !isLoopback(args.host)) {
    throw new UsageError('--insecure-http lets everyone in: it takes a loopback --host only');
  }
  if (!args.controllersOnly) {
    if ((args.controllers ?? args.csi ?? args.kubeconfig) !== undefined) {
      throw new UsageError('--controllers, --csi and --kubeconfig go with --controllers-only');
    }
    return;
  }
  if (args.kubeconfig === undefined && args.context === undefined) {
    throw new UsageError('--controllers-only needs a server: --kubeconfig FILE or --context NAME');
  }
  const other = args.insecureHttp || args.writeKubeconfig !== undefined || args.state !== undefined;
  if (other) throw new UsageError('--controllers-only serves nothing: it takes no server options');
}
