/** `bench cleanup [RUN]`: what did runs leave on the cluster? Listed first, then removed. */

import type { CommandBody } from './command-body.ts';
import type { Argv } from 'yargs';
import { findLeftovers, type Leftover, type Leftovers } from '../cluster/leftovers.ts';
import { NAMESPACES } from '../api/resources.ts';
import { isMadeBySomeRun } from '../kube/maker.ts';
import { RUN_LABEL } from '../plan/planning.ts';
import { findRun, getFilePath, listRuns } from '../record/layout.ts';
import { readManifest } from '../record/manifest.ts';
import {
  describe,
  noteRemoval,
  queryOfRun,
  remove,
  type RunQuery,
  strangerText,
} from '../run/clean-up-run.ts';
import { standingChanges } from '../run/standing-changes.ts';
import { withAccess } from './cluster-access.ts';
import { clusterName } from '../kube/connection.ts';
import type { ClusterAccess } from '../run/cluster-handle.ts';
import {
  CLEANUP_TIMEOUT,
  type ConnectionArguments,
  connectionChoice,
  connectionOptions,
  requiredConnection,
} from './connection-options.ts';
import type { ConnectionChoice } from '../kube/kubeconfig.ts';
import { EXIT } from '../core/exit-code.ts';
import { once } from './options.ts';
import { liveRuns } from '../run/live-runs.ts';
import { UsageError } from '../core/usage-error.ts';
import type { Session } from '../run/session.ts';
import { RESULTS } from './shared-options.ts';

interface CleanupArguments extends ConnectionArguments {
  readonly run: string | undefined;
  readonly results: string;
  readonly namespace: string | undefined;
  readonly also: readonly string[];
  readonly yes: boolean;
  readonly cleanupTimeout: number | undefined;
}

/** More leftovers of a kind than this are counted instead of named. */
const NAMED_MAX = 20;

export function cleanupCommand(session: Session): CommandBody<CleanupArguments> {
  return {
    builder: options,
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
    .option('also', {
      type: 'string',
      array: true,
      default: [],
      describe: 'Delete this too, though nothing proves that a run made it: KIND/NAMESPACE/NAME',
    })
    .option('cleanup-timeout', CLEANUP_TIMEOUT)
    .option('yes', { type: 'boolean', default: false, describe: 'Do not ask' });
  return connectionOptions(own)
    .example('$0 cleanup --context prod', 'what runs have left there; asks before it deletes')
    .example('$0 cleanup latest --yes', 'what the newest run has left')
    .epilogue('The cluster is the one of RUN, unless named anew.');
}

async function cleanup(session: Session, args: CleanupArguments): Promise<void> {
  const choice = recordedConnection(args) ?? requiredConnection(args);
  await withAccess(session, choice, async (access) => {
    const { namespace } = args;
    const { client } = access;
    const query = {
      ...makeQuery(session, args),
      namespaces: namespace === undefined ? undefined : [namespace],
    };
    const leftovers = withNamed(await findLeftovers(client, query), args.also);
    const { objects, strangers } = leftovers;
    for (const line of listStanding(args, objects)) session.screen.tell(line);
    if (objects.length === 0) {
      session.screen.tell(`nothing is left on ${clusterName(access.connection)}`);
      for (const stranger of strangers) session.screen.tell(strangerText(stranger));
      return;
    }
    session.screen.print(`${listLines(objects).join('\n')}\n`);
    if (args.yes || (await confirmed(session, access, objects))) {
      const runs = new Set(objects.map(({ run }) => run));
      const folders = listRuns(args.results).filter(({ runId }) => runs.has(runId));
      for (const folder of folders) noteRemoval(session, folder, 'cleaned');
      const removal = { query, leftovers, timeoutUs: args.cleanupTimeout, client };
      const left = await remove(session, access, removal);
      // Elsewhere there may be more of it.
      if (namespace !== undefined) return;
      for (const folder of folders) {
        if (!left.has(folder.runId)) noteRemoval(session, folder, 'removed');
      }
    }
  });
}

/** So that the command that a run ends with can be copied as it is. */
function recordedConnection(args: CleanupArguments): ConnectionChoice | undefined {
  if (args.run === undefined || connectionChoice(args) !== undefined) return undefined;
  const named = findRun(args.results, args.run);
  if (named.kind !== 'found') return undefined;
  return readManifest(getFilePath(named.folder, 'manifest'))?.connection;
}

/** Of the run that is named, or of those that left something on this cluster. */
function listStanding(
  { run, results }: CleanupArguments,
  objects: readonly Leftover[],
): readonly string[] {
  if (run !== undefined) {
    const named = findRun(results, run);
    return named.kind === 'found' ? standingChanges(named.folder) : [];
  }
  const left = new Set(objects.map((object) => object.run));
  return listRuns(results)
    .filter(({ runId }) => left.has(runId))
    .flatMap(standingChanges);
}

/** The user's word goes where there is no proof. */
function withNamed(leftovers: Leftovers, also: readonly string[]): Leftovers {
  const isNamed = ({ resource, namespace, name }: Leftover) =>
    also.includes([resource.kind, namespace, name].filter(Boolean).join('/'));
  const named = leftovers.strangers.filter(isNamed);
  const places = named.map(({ resource, namespace, name }) =>
    [resource.kind, namespace, name].filter(Boolean).join('/'),
  );
  const unknown = also.filter((place) => !places.includes(place));
  if (unknown.length > 0) {
    throw new UsageError(`--also ${unknown.join(', ')}: no such object carries the label of a run`);
  }
  return {
    ...leftovers,
    // Namespaces last.
    objects: [...named, ...leftovers.objects].sort(
      (a, b) => Number(a.resource === NAMESPACES) - Number(b.resource === NAMESPACES),
    ),
    strangers: leftovers.strangers.filter((each) => !isNamed(each)),
    family: new Set([...leftovers.family, ...named.map(({ uid }) => uid)]),
  };
}

/** Of a run whose history is not at hand, what the API server credits to a run of bench. */
function makeQuery(session: Session, { run, results }: CleanupArguments): RunQuery {
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
function queryOfAll({ host, screen }: Session, results: string): RunQuery {
  const live = liveRuns(results, host.clock.wallUs());
  for (const text of live.values()) screen.tell(`left alone: ${text}`);
  const queries = queriesByRun(results);
  return {
    runLabel: RUN_LABEL,
    isMade: (leftover) => {
      const known = queries.of(leftover.run);
      if (known.length === 0) return isMadeBySomeRun(leftover.metadata);
      return known.some(({ isMade }) => isMade?.(leftover));
    },
    isRecorded: (uid) => queries.read().some(({ isRecorded }) => isRecorded?.(uid)),
    exceptRuns: [...live.keys()],
  };
}

/** Histories are long: only those of runs that left something are read. */
function queriesByRun(results: string) {
  const folders = listRuns(results);
  const queries = new Map<string, readonly RunQuery[]>();
  return {
    /** Several scenarios may have a run of this id. */
    of(run: string): readonly RunQuery[] {
      const known = queries.get(run);
      if (known !== undefined) return known;
      const read = folders.filter(({ runId }) => runId === run).map(queryOfRun);
      queries.set(run, read);
      return read;
    },
    read: () => [...queries.values()].flat(),
  };
}

async function confirmed(
  { host, screen, finish }: Session,
  access: ClusterAccess,
  objects: readonly Leftover[],
): Promise<boolean> {
  const what = `these ${objects.length} objects, and what they own,`;
  const answer = await host.ask(`Delete ${what} on ${clusterName(access.connection)}? [y/N] `);
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
