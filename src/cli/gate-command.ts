/** `bench gate RUN --history DIR`: is this run slower than the nights before, and by how much? */

import type { CommandBody } from './command-body.ts';
import type { ArgumentsCamelCase, Argv } from 'yargs';
import { soundManifest } from '../compare/history/read-summary.ts';
import { HOUR } from '../core/duration.ts';
import { UsageError } from '../core/usage-error.ts';
import { parseRfc3339 } from '../core/time-text.ts';
import { findRun, getFilePath, type RunFolder } from '../record/layout.ts';
import { type Manifest, readManifest } from '../record/manifest.ts';
import { readHolder } from '../record/run-lock.ts';
import { confirmSuspect } from '../run/confirm-suspect.ts';
import { type GateArguments, judgeRun, tellVerdict } from '../run/gate.ts';
import { restoreScenario } from '../run/recorded-scenario.ts';
import { checkExternal } from '../run/run-external.ts';
import { heldText } from '../run/run-holds.ts';
import type { MakeRun } from '../run/run-group.ts';
import type { Session } from '../run/session.ts';
import {
  ALLOW_EXEC,
  checkPrometheus,
  CLEANUP_TIMEOUT,
  connectionChoice,
  type ConnectionArguments,
  connectionOptions,
  PROMETHEUS,
} from './connection-options.ts';
import { CONFIRM, gateOptions } from './gate-options.ts';
import { againMaker, type MakerArguments } from './run-maker.ts';
import { PROGRESS, RESULTS, RUN, YES } from './shared-options.ts';

interface GateCommandArguments
  extends GateArguments,
    ConnectionArguments,
    Pick<
      MakerArguments,
      | 'results'
      | 'json'
      | 'confirm'
      | 'yes'
      | 'progress'
      | 'prometheus'
      | 'allowExec'
      | 'cleanupTimeout'
    > {
  readonly run: string;
}

export function gateCommand(session: Session): CommandBody<GateCommandArguments> {
  return {
    builder: options,
    handler: (args) => handle(session, args),
  };
}

function options(yargs: Argv): Argv {
  const own = yargs
    .positional('run', RUN)
    .option('results', RESULTS)
    .option('json', { type: 'boolean', default: false, describe: 'Print verdict.json on stdout' })
    .option('confirm', CONFIRM)
    .option('progress', PROGRESS)
    .option('yes', YES)
    .option('prometheus', PROMETHEUS)
    .option('allow-exec', ALLOW_EXEC)
    .option('cleanup-timeout', CLEANUP_TIMEOUT);
  return gateOptions(connectionOptions(own))
    .demandOption('history', 'which history? give its folder with --history')
    .example('$0 gate latest --history nights', 'judge the newest run, and add it to nights/')
    .example('$0 gate R --history nights --dry-run', 'judge only')
    .example('$0 gate R --history nights --confirm 2', 'where suspect, two more runs decide')
    .epilogue('More runs are made on the cluster of the run, unless it is named anew.');
}

async function handle(
  session: Session,
  args: ArgumentsCamelCase<GateCommandArguments>,
): Promise<void> {
  const found = findRun(args.results, args.run);
  if (found.kind !== 'found') throw new UsageError(found.message);
  const { folder } = found;
  const holder = readHolder(folder, session.host.clock.wallUs());
  if (holder !== undefined) throw new UsageError(heldText(folder, holder));
  // What keeps more runs from being made can be mended before the night is added.
  const again = args.confirm > 0 ? makerAgain(session, folder, args) : undefined;
  const verdict = judgeRun(session, folder, args);
  if (verdict === undefined) return;
  const output = args.json ? 'json' : 'words';
  if (again === undefined || verdict.verdict !== 'suspect') {
    return tellVerdict(session, folder, args, verdict, output);
  }
  await confirmSuspect(session, { folder, verdict }, { ...args, output }, again);
}

/** Makes the run again, on its own cluster. Throws UsageError where that cannot be. */
function makerAgain(session: Session, folder: RunFolder, args: GateCommandArguments): MakeRun {
  const manifest = soundManifest(readManifest(getFilePath(folder, 'manifest')));
  if (manifest === undefined) {
    throw new UsageError(`--confirm: run ${folder.runId} has no manifest.json to be made again by`);
  }
  if (manifest.lookout !== undefined) {
    throw new UsageError(
      `--confirm: run ${folder.runId} observed a load of others, and cannot be made again`,
    );
  }
  const choice = choiceAgain(session, manifest, args);
  const scenario = restoreScenario(manifest);
  const { prometheus, allowExec } = args;
  checkPrometheus(prometheus, choice);
  checkExternal(scenario, { allowExec, isEmbedded: choice === undefined });
  const maker = {
    ...args,
    keep: false,
    lostAfter: undefined,
    hashNames: manifest.connection === undefined,
  };
  return againMaker(session, maker, { scenario, seed: manifest.seed, choice, like: manifest });
}

/** A run of another night would not tell about this one. */
const NIGHT_MOST = 24 * HOUR;

function choiceAgain({ host }: Session, manifest: Manifest, args: GateCommandArguments) {
  const named = connectionChoice(args);
  const { run, target, connection, started, finished } = manifest;
  const ended = finished?.at ?? started;
  if (target === 'simulated') {
    if (named === undefined) return undefined;
    throw new UsageError(`--confirm: run ${run} was simulated: leave out the cluster`);
  }
  const choice = named ?? connection;
  if (choice === undefined) {
    throw new UsageError(
      `--confirm: run ${run} does not record how to reach its cluster: ` +
        'give --context NAME, --kubeconfig FILE or --in-cluster',
    );
  }
  if (host.clock.wallUs() - (parseRfc3339(ended) ?? 0) <= NIGHT_MOST) return choice;
  throw new UsageError(`--confirm: the night of run ${run}, which ended ${ended}, is over`);
}
