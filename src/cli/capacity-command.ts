/** `bench capacity SCENARIO`: how many VMs fit, and what stops them; no run, nothing created. */

import type { CommandBody } from './command-body.ts';
import type { Argv } from 'yargs';
import { type Capacity, computeCapacity, type StorageQuestion } from '../capacity/capacity.ts';
import type { Asked } from '../capacity/packing.ts';
import { resolveVms } from '../cluster/check-instancetypes.ts';
import type { CheckLab, Finding } from '../cluster/check.ts';
import { askedOfNodes, readRules, surveyNodes, surveyPool } from '../cluster/survey.ts';
import { EXIT } from '../core/exit-code.ts';
import { UsageError } from '../core/usage-error.ts';
import { createClient } from '../kube/client.ts';
import { makePlan } from '../plan/make-plan.ts';
import { findRun } from '../record/layout.ts';
import { calibratedOn } from '../report/wording/twin-words.ts';
import { computeDemand } from '../run/demand.ts';
import { readMeasuredRun } from '../run/measured-run.ts';
import { storageBytesPerVm } from '../run/measured-storage.ts';
import { findingLines } from '../run/preflight-table.ts';
import type { Session } from '../run/session.ts';
import { checkLab } from '../run/vet.ts';
import type { Scenario, TwinOrigin } from '../scenario/scenario.ts';
import { capacityText } from './capacity-text.ts';
import { withAccess } from './cluster-access.ts';
import {
  connectionChoice,
  type ConnectionArguments,
  connectionOptions,
} from './connection-options.ts';
import { notNegative, once, wholeNumber } from './options.ts';
import { loadOrTell } from './scenario-argument.ts';
import { RESULTS, SCENARIO, SET } from './shared-options.ts';
import { refuseTwin, TWIN } from './twin-option.ts';

interface CapacityArguments extends ConnectionArguments {
  readonly scenario: string;
  readonly set: readonly string[];
  readonly twin: string | undefined;
  readonly lose: number;
  readonly cpuRatio: number | undefined;
  readonly memoryOvercommit: number | undefined;
  readonly run: string | undefined;
  readonly results: string;
  readonly json: boolean;
}

export function capacityCommand(session: Session): CommandBody<CapacityArguments> {
  return {
    builder: options,
    handler: (args) => answer(session, args),
  };
}

function options(yargs: Argv): Argv {
  const own = yargs
    .positional('scenario', SCENARIO)
    .option('set', SET)
    .option('twin', TWIN)
    .option('lose', {
      type: 'number',
      default: 0,
      describe: 'So many nodes are gone, the largest',
      coerce: wholeNumber('lose'),
    })
    .option('cpu-ratio', {
      type: 'number',
      describe: "vCPUs that share a requested CPU [default: the cluster's]",
      coerce: notNegative('cpu-ratio'),
    })
    .option('memory-overcommit', {
      type: 'number',
      describe: "Guest memory in percent of what is requested for it [default: the cluster's]",
      coerce: notNegative('memory-overcommit'),
    })
    .option('run', {
      type: 'string',
      describe: 'A measured run, for what a VM takes of the storage',
      coerce: once('run'),
    })
    .option('results', RESULTS)
    .option('json', { type: 'boolean', default: false, describe: 'The answer as JSON' });
  return connectionOptions(own)
    .example('$0 capacity scenarios/10k-mixed.yaml', 'on the simulated cluster')
    .example('$0 capacity S --lose 1 --cpu-ratio 4', 'with a node lost, four vCPUs a CPU');
}

async function answer(session: Session, args: CapacityArguments): Promise<void> {
  if (args.cpuRatio === 0) throw new UsageError('--cpu-ratio has to be more than 0');
  if (args.memoryOvercommit === 0)
    throw new UsageError('--memory-overcommit has to be more than 0');
  const choice = connectionChoice(args);
  refuseTwin(args.twin, choice);
  const scenario = loadOrTell(session, args);
  if (scenario === undefined) return session.finish(EXIT.usage);
  const demand = computeDemand(scenario, makePlan(scenario, { runId: 'capacity' }));
  if (demand.vms.length === 0) {
    throw new UsageError(`${scenario.name} starts no VM: name a scenario with a boot step`);
  }
  const measured = readStorage(args);
  if (choice === undefined) {
    const target = await session.openTarget(scenario, { seed: scenario.simulation.seed ?? 1 });
    const { transport, during } = target.open();
    const lab = { client: createClient(transport), server: 'simulated', demand, wallUs: () => 0 };
    const survey = await during(
      () => takeSurvey(lab, args),
      () => 'the survey of its nodes',
    );
    const { twin } = scenario.simulation;
    const of = twin === undefined ? '' : ` (${calibratedOn(twin)})`;
    const where = `the simulated cluster${of}`;
    return show(session, args, scenario, { ...survey, measured, where, twin });
  }
  await withAccess(session, choice, async (access) => {
    const survey = await takeSurvey(checkLab(access, demand), args);
    show(session, args, scenario, { ...survey, measured, where: access.connection.server });
  });
}

type Survey = Awaited<ReturnType<typeof takeSurvey>>;

/** All that is asked of the cluster. */
async function takeSurvey(lab: CheckLab, args: CapacityArguments) {
  const { rooms, isShown } = await surveyNodes(lab);
  const { vms, problems } = await resolveVms(lab);
  const known = await readRules(lab);
  const rules = {
    ...known,
    ...(args.cpuRatio !== undefined && { cpuAllocationRatio: args.cpuRatio }),
    ...(args.memoryOvercommit !== undefined && {
      memoryOvercommitPercent: args.memoryOvercommit,
    }),
  };
  const pool = await surveyPool(lab);
  return { rooms, isShown, problems, rules, mix: askedOfNodes(vms, rules), pool };
}

/** Throws UsageError where the run that is named cannot be read. */
function readStorage({ run, results }: CapacityArguments): StorageQuestion['measured'] {
  if (run === undefined) return undefined;
  const found = findRun(results, run);
  if (found.kind !== 'found') throw new UsageError(found.message);
  const read = readMeasuredRun(found.folder);
  if (read.kind === 'unreadable') throw new UsageError(read.message);
  const bytesPerVm = storageBytesPerVm(read.measured.summary);
  if (bytesPerVm === undefined) {
    throw new UsageError(`run ${run} deployed no VM on a pool that shows its use: name another`);
  }
  return { bytesPerVm, run: found.folder.runId };
}

interface Surveyed extends Survey {
  readonly measured: StorageQuestion['measured'];
  readonly where: string;
  /** Of a simulated cluster that was calibrated. */
  readonly twin?: TwinOrigin | undefined;
}

function show(
  session: Session,
  { lose, json }: CapacityArguments,
  scenario: Scenario,
  surveyed: Surveyed,
): void {
  const { screen } = session;
  const { rooms, mix, rules, problems, isShown, pool, measured, where, twin } = surveyed;
  if (rooms.length === 0) throw new UsageError(`no node of ${where} is ready and schedulable`);
  if (lose >= rooms.length) {
    throw new UsageError(`--lose ${lose}: there are ${rooms.length} nodes`);
  }
  for (const line of findingLines(problems)) screen.tell(line);
  if (isBroken(problems)) session.finish(EXIT.usage);
  if (mix.length === 0) return;
  const storage = { pool, measured };
  const capacity = computeCapacity({ rooms, mix, rules, lost: lose, storage });
  if (!isShown) screen.tell('what runs there is not shown to us: the nodes are taken as empty');
  if (json) return screen.print(capacityJson(scenario.name, mix, capacity, twin));
  const style = { width: screen.out.columns, color: screen.colorOn(screen.out) };
  screen.print(`${capacityText({ scenario: scenario.name, where, rooms, capacity }, style)}\n`);
}

function isBroken(problems: readonly Finding[]): boolean {
  return problems.some(({ verdict }) => verdict === 'fail');
}

function capacityJson(
  scenario: string,
  mix: readonly Asked[],
  capacity: Capacity,
  twin: TwinOrigin | undefined,
): string {
  const value = {
    schema: 'bench/capacity/v1',
    scenario,
    ...(twin && { twin: { runs: twin.runs, cluster: twin.cluster } }),
    ...capacity,
    mix: mix.map(({ name, count, demand }) => ({
      template: name,
      count,
      cpuMillis: demand.cpuMillis,
      memoryBytes: demand.memoryBytes,
    })),
  };
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
