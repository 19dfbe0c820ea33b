/** The options that name a real cluster; without any of them no command ever talks to one. */

import type { Argv } from 'yargs';
import type { ConnectionChoice } from '../kube/kubeconfig.ts';
import type { TargetOptions } from '../run/setting.ts';
import { once, period } from './options.ts';
import { UsageError } from '../core/usage-error.ts';

export interface ConnectionArguments {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly inCluster?: boolean | undefined;
}

export function connectionOptions(yargs: Argv): Argv {
  return yargs
    .option('kubeconfig', {
      type: 'string',
      describe: 'The real cluster of this kubeconfig',
      coerce: once('kubeconfig'),
    })
    .option('context', {
      type: 'string',
      describe: 'The real cluster of this context',
      coerce: once('context'),
    })
    .option('in-cluster', {
      type: 'boolean',
      describe: 'The cluster around this pod, as its service account',
    });
}

/** What a run on a real cluster is told, new or resumed. */
export interface RealRunArguments {
  readonly keep: boolean;
  readonly hashNames: boolean;
  readonly lostAfter: number | undefined;
  readonly prometheus: string | undefined;
  readonly allowExec: boolean;
  readonly cleanupTimeout: number | undefined;
}

export function realRunOptions(yargs: Argv): Argv {
  return yargs
    .option('keep', {
      type: 'boolean',
      default: false,
      describe: 'Leave what was created on the real cluster',
    })
    .option('lost-after', LOST_AFTER)
    .option('prometheus', PROMETHEUS)
    .option('allow-exec', ALLOW_EXEC)
    .option('cleanup-timeout', CLEANUP_TIMEOUT)
    .option('hash-names', HASH_NAMES);
}

/** The same for whoever opens that cluster. */
export function realRunTarget(args: RealRunArguments): Omit<TargetOptions, 'seed' | 'access'> {
  return {
    hashNames: args.hashNames,
    lostAfterUs: args.lostAfter,
    prometheus: args.prometheus,
    allowExec: args.allowExec,
    deletionDeadlineUs: args.cleanupTimeout,
  };
}

export const HASH_NAMES = {
  type: 'boolean',
  default: false,
  describe: 'Record no names of nodes and servers, but hashes of them',
} as const;

export const LOST_AFTER = {
  type: 'string',
  describe: 'Give up a server that is silent for so long [default: 5m]',
  coerce: period('lost-after'),
} as const;

export const PROMETHEUS = {
  type: 'string',
  describe: 'Address of its Prometheus, http(s)://..., for the metrics of the scenario',
  coerce: once('prometheus'),
} as const;

export const ALLOW_EXEC = {
  type: 'boolean',
  default: false,
  describe: 'Run the programs that the scenario names (act: { external: ... }) on this machine',
} as const;

export const CLEANUP_TIMEOUT = {
  type: 'string',
  describe: 'Clean-up: give up where nothing goes for so long [default: 10m]',
  coerce: period('cleanup-timeout'),
} as const;

/** The cluster that is named; undefined where none is, and the embedded one is meant. */
export function connectionChoice(args: ConnectionArguments): ConnectionChoice | undefined {
  const { kubeconfig, context, inCluster } = args;
  if (inCluster && (kubeconfig !== undefined || context !== undefined)) {
    throw new UsageError('--in-cluster takes neither --kubeconfig nor --context');
  }
  if (!inCluster && kubeconfig === undefined && context === undefined) return undefined;
  return {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    ...(inCluster ? { inCluster } : {}),
  };
}

/** The same for commands that make no sense without a real cluster. */
export function requiredConnection(args: ConnectionArguments): ConnectionChoice {
  const choice = connectionChoice(args);
  if (choice === undefined) {
    throw new UsageError('name a cluster: --context NAME, --kubeconfig FILE or --in-cluster');
  }
  return choice;
}

/** The embedded cluster has none, and an address is no name. */
export function checkPrometheus(
  address: string | undefined,
  choice: ConnectionChoice | undefined,
): void {
  if (address === undefined) return;
  if (choice === undefined) {
    throw new UsageError('--prometheus is that of a real cluster: name it with --context NAME');
  }
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) {
    throw new UsageError(`--prometheus ${address}: give an address like https://thanos.example`);
  }
}
