/** `bench preflight SCENARIO`: could it run there? Creates nothing but dry runs. */

import type { CommandBody } from './command-body.ts';
import type { Argv } from 'yargs';
import { forbids, preflight } from '../cluster/preflight.ts';
import { makePlan } from '../plan/make-plan.ts';
import { withAccess } from './cluster-access.ts';
import {
  type ConnectionArguments,
  connectionOptions,
  requiredConnection,
} from './connection-options.ts';
import { computeDemand } from '../run/demand.ts';
import { EXIT } from '../core/exit-code.ts';
import { findingCounts, findingLines } from '../run/preflight-table.ts';
import { loadOrTell } from './scenario-argument.ts';
import type { Session } from '../run/session.ts';
import { SCENARIO, SET } from './shared-options.ts';
import { checkLab } from '../run/vet.ts';

interface PreflightArguments extends ConnectionArguments {
  readonly scenario: string;
  readonly set: readonly string[];
  readonly strict: boolean;
  readonly json: boolean;
}

export function preflightCommand(session: Session): CommandBody<PreflightArguments> {
  return {
    builder: options,
    handler: (args) => check(session, args),
  };
}

function options(yargs: Argv): Argv {
  const own = yargs
    .positional('scenario', SCENARIO)
    .option('set', SET)
    .option('strict', { type: 'boolean', default: false, describe: 'A warning fails too' })
    .option('json', { type: 'boolean', default: false, describe: 'The findings as JSON' });
  return connectionOptions(own)
    .example('$0 preflight S --context prod', 'rights, room, kinds and sources, before any run')
    .epilogue('Exit codes: 0 it can; 64 it cannot.');
}

/** No run bears it: the namespace of a run by this name is nobody's. */
const RUN_ID = 'preflight';

async function check(session: Session, args: PreflightArguments): Promise<void> {
  const choice = requiredConnection(args);
  const scenario = loadOrTell(session, args);
  if (scenario === undefined) return session.finish(EXIT.usage);
  const demand = computeDemand(scenario, makePlan(scenario, { runId: RUN_ID }));
  await withAccess(session, choice, async (access) => {
    const findings = await preflight(checkLab(access, demand));
    const { screen } = session;
    if (args.json) screen.print(`${JSON.stringify(findings, undefined, 2)}\n`);
    else screen.print(`${findingLines(findings).join('\n')}\n${findingCounts(findings)}\n`);
    if (forbids(findings, args.strict)) session.finish(EXIT.usage);
  });
}
