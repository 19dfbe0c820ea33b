/** `bench cleanup [RUN]`: what did runs leave on the cluster? Listed first, then removed. */

import type { Argv, CommandModule } from 'yargs';
import { findLeftovers, type Leftover, type LeftoverQuery } from '../cluster/leftovers.ts';
import { RUN_LABEL } from '../plan/planning.ts';
import { findRun, listRuns } from '../record/layout.ts';
import { describe, queryOfRun, remove } from '../run/clean-up-run.ts';
import { withAccess } from './cluster-access.ts';
import { type ClusterAccess, nameOfCluster } from '../run/cluster-handle.ts';
import {
  type ConnectionArguments,
  connectionOptions,
  requiredConnection,
} from './connection-options.ts';
import { EXIT } from '../core/exit-code.ts';
import { once } from './options.ts';
import { liveRuns } from '../run/run-holds.ts';
import { UsageError } from '../core/usage-error.ts';
import type { Session } from '../run/session.ts';
import { RESULTS } from './shared-options.ts';

interface CleanupArguments extends ConnectionArguments {
  readonly run: string | undefined;
  readonly results: string;
  readonly namespace: string | undefined;
  readonly yes: boolean;
}

/** More leftovers of a kind than this are counted instead of named. */
const NAMED_MAX = 20;

export function cleanupCommand(session: Session): CommandModule<object, CleanupArguments> {
  return {
    command: 'cleanup [run]',
    describe: 'Find what runs left on a cluster, and remove it',
    builder: (yargs) => options(yargs) as Argv<CleanupArguments>,
    handler: (args) => cleanup(session, args),
  };
}

function options(yargs: Argv): Argv {
  const own = yargs
    .positional('run', { type: 'string', describe: 'Of this run alone: folder, id, or latest' })
    .option('results', {
      ...RESULTS,
      describe: 'Folder of all results: what a history does not know is left alone',
    })
    .option('namespace', {
      type: 'string',
      describe: 'Look in this namespace alone, as who has rights nowhere else',
      coerce: once('namespace'),
    })
    .option('yes', { type: 'boolean', default: false, describe: 'Do not ask' });
  return connectionOptions(own);
}

async function cleanup(session: Session, args: CleanupArguments): Promise<void> {
  const choice = requiredConnection(args);
  await withAccess(session, choice, async (access) => {
    const { namespace } = args;
    const query = {
      ...makeQuery(session, args),
      namespaces: namespace === undefined ? undefined : [namespace],
    };
    const leftovers = await findLeftovers(access.client, query);
    const { objects, strangers } = leftovers;
    if (objects.length === 0) {
      session.screen.tell(`nothing is left on ${nameOfCluster(access)}`);
      for (const stranger of strangers) {
        session.screen.tell(`not of a recorded run, left alone: ${describe(stranger)}`);
      }
      return;
    }
    session.screen.print(`${listLines(objects).join('\n')}\n`);
    if (args.yes || (await confirmed(session, access, objects))) {
      await remove(session, access, query, leftovers);
    }
  });
}

/** A run whose history is not at hand is known by its label alone. */
function makeQuery(session: Session, { run, results }: CleanupArguments): LeftoverQuery {
  if (run === undefined) return queryOfAll(session, results);
  const found = findRun(results, run);
  if (found.kind === 'found') {
    session.hold(found.folder);
    return queryOfRun(found.folder);
  }
  if (run === 'latest' || found.kind === 'ambiguous') throw new UsageError(found.message);
  return { runLabel: RUN_LABEL, run };
}

/** What runs that are under way have created is no leftover. */
function queryOfAll({ host, screen }: Session, results: string): LeftoverQuery {
  const live = liveRuns(results, host.clock.wallUs());
  for (const text of live.values()) screen.tell(`left alone: ${text}`);
  const isRecorded = byAnyHistory(results);
  return { runLabel: RUN_LABEL, isRecorded, exceptRuns: [...live.keys()] };
}

/** Histories are long: only those of runs that left something are read. */
function byAnyHistory(results: string): (leftover: Leftover) => boolean {
  const folders = new Map(listRuns(results).map((folder) => [folder.runId, folder]));
  const queries = new Map<string, LeftoverQuery>();
  return (leftover) => {
    const folder = folders.get(leftover.run);
    if (folder === undefined) return true;
    const query = queries.get(folder.runId) ?? queryOfRun(folder);
    queries.set(folder.runId, query);
    return query.isRecorded?.(leftover) ?? true;
  };
}

async function confirmed(
  { host, screen, finish }: Session,
  access: ClusterAccess,
  objects: readonly Leftover[],
): Promise<boolean> {
  const what = `these ${objects.length} objects, and what they own,`;
  const answer = await host.ask(`Delete ${what} on ${nameOfCluster(access)}? [y/N] `);
  if (/^y(es)?$/i.test(answer?.trim() ?? '')) return true;
  screen.tell(answer === undefined ? 'bench: confirm with --yes' : 'bench: nothing was deleted');
  finish(EXIT.usage);
  return false;
}

function listLines(objects: readonly Leftover[]): readonly string[] {
  const kinds = [...new Set(objects.map(({ resource }) => resource.kind))];
  return kinds.flatMap((kind) => {
    const ofKind = objects.filter(({ resource }) => resource.kind === kind);
    const rest = ofKind.length - NAMED_MAX;
    return [
      ...ofKind.slice(0, NAMED_MAX).map(describe),
      ...(rest > 0 ? [`and ${rest} more of kind ${kind}`] : []),
    ];
  });
}
