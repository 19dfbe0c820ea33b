/** `bench gate RUN --history DIR`: is this run slower than the nights before, and by how much? */

import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { findRun } from '../record/layout.ts';
import { readHolder } from '../record/run-lock.ts';
import { gate, type GateArguments } from '../run/gate.ts';
import { gateOptions } from './gate-options.ts';
import { heldText } from '../run/run-holds.ts';
import { UsageError } from '../core/usage-error.ts';
import type { Session } from '../run/session.ts';
import { RESULTS, RUN } from './shared-options.ts';

interface GateCommandArguments extends GateArguments {
  readonly run: string;
  readonly results: string;
  readonly json: boolean;
}

export function gateCommand(session: Session): CommandModule<object, GateCommandArguments> {
  return {
    command: 'gate <run>',
    describe: 'The nightly verdict: compare a run with a history of nights, and add it',
    builder: (yargs) => options(yargs) as Argv<GateCommandArguments>,
    handler: (args) => handle(session, args),
  };
}

function options(yargs: Argv): Argv {
  const own = yargs
    .positional('run', RUN)
    .option('results', RESULTS)
    .option('json', { type: 'boolean', default: false, describe: 'Print verdict.json on stdout' });
  return gateOptions(own)
    .demandOption('history', 'which history? give its folder with --history')
    .example('$0 gate latest --history nights', 'judge the newest run, and add it to nights/')
    .example('$0 gate R --history nights --dry-run', 'judge only');
}

function handle(session: Session, args: ArgumentsCamelCase<GateCommandArguments>): void {
  const found = findRun(args.results, args.run);
  if (found.kind !== 'found') throw new UsageError(found.message);
  const holder = readHolder(found.folder, session.host.clock.wallUs());
  if (holder !== undefined) throw new UsageError(heldText(found.folder, holder));
  gate(session, found.folder, args, args.json ? 'json' : 'words');
}
