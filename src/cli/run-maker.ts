/**
 * How a run of a scenario is made, on the embedded cluster or a real one: by `bench run`, and by
 * `bench gate --confirm` for a night that is made again.
 */

import { measure, type Measurement, type Setting } from '../benchmark.ts';
import type { NightlyVerdict } from '../compare/nightly/verdict.ts';
import { makePlan } from '../plan/make-plan.ts';
import type { RunFolder } from '../record/layout.ts';
import type { Manifest } from '../record/manifest.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { cleanUpRun, tellLeftovers } from '../run/clean-up-run.ts';
import type { ClusterAccess } from '../run/cluster-handle.ts';
import { computeDemand } from '../run/demand.ts';
import { gateAfterRun, type GateArguments } from '../run/gate.ts';
import { beginRun } from '../run/new-run.ts';
import { askedBy } from '../run/open-manifest.ts';
import { conclude, interruptionCodes, perform, type ShowArguments } from '../run/perform-run.ts';
import type { RunOfGroup } from '../run/run-group.ts';
import { refuseForeign } from '../run/same-cluster.ts';
import type { Session } from '../run/session.ts';
import type { OpenedTarget } from '../run/setting.ts';
import { vet, type VetArguments } from '../run/vet.ts';
import { withAccess } from './cluster-access.ts';
import {
  type connectionChoice,
  type RealRunArguments,
  realRunTarget,
} from './connection-options.ts';

/** What matters to a run once its scenario and its cluster are known. */
export interface MakerArguments
  extends Omit<Partial<GateArguments>, 'strict'>,
    RealRunArguments,
    ShowArguments,
    VetArguments {
  readonly gate: boolean;
  readonly confirm: number;
}

export interface AskedRun {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly choice: ReturnType<typeof connectionChoice>;
  /** The run that is made again, on its cluster and no other. */
  readonly like?: Pick<Manifest, 'environment'> | undefined;
}

/** Makes a run silently, as one of more on the same night: its answers are not the night's. */
export function againMaker(
  session: Session,
  args: Omit<MakerArguments, keyof typeof SILENT>,
  asked: AskedRun,
) {
  const screen = { ...session.screen, print: () => {} };
  return runMaker({ ...session, screen }, { ...args, ...SILENT }, asked);
}

const SILENT = {
  gate: false,
  json: false,
  report: false,
  reports: undefined,
  verbose: false,
} as const;

/** Each repeat is another draw of the simulated cluster; a real one differs by itself. */
export function runMaker(
  session: Session,
  args: MakerArguments,
  { scenario, seed, choice, like }: AskedRun,
) {
  return async ({ runId, repeat, group }: RunOfGroup): Promise<MeasuredInto> => {
    if (choice === undefined) {
      const target = await session.openTarget(scenario, { seed: seed + repeat - 1 });
      return measureInto(session, args, { scenario, runId, target, group });
    }
    let measured: MeasuredInto;
    await withAccess(session, choice, async (access) => {
      if (like !== undefined) await refuseForeign(access, like);
      measured = await runOnCluster(session, args, { scenario, seed, access, runId, group });
    });
    return measured;
  };
}

type MeasuredInto =
  | (Measurement & {
      readonly folder: RunFolder;
      /** More runs are to decide it; nothing was told of it. */
      readonly suspicion?: NightlyVerdict | undefined;
    })
  | undefined;

async function runOnCluster(
  session: Session,
  args: MakerArguments,
  {
    scenario,
    seed,
    access,
    runId,
    group,
  }: {
    scenario: Scenario;
    seed: number;
    access: ClusterAccess;
    runId: string;
    group: string | undefined;
  },
): Promise<MeasuredInto> {
  const plan = makePlan(scenario, { runId });
  const demand = computeDemand(scenario, plan);
  if (!(await vet(session, access, demand, args))) {
    session.finish(...interruptionCodes(session));
    return undefined;
  }
  const target = await session.openTarget(scenario, {
    seed,
    access,
    ...realRunTarget(args),
  });
  const measured = await measureInto(session, args, { scenario, runId, target, group });
  if (measured === undefined) return undefined;
  if (args.keep || measured.lost) {
    tellLeftovers(session, measured.folder);
    return measured;
  }
  const { namespaces } = demand;
  await cleanUpRun(session, access, measured.folder, {
    namespaces,
    timeoutUs: args.cleanupTimeout,
  });
  session.finish(...interruptionCodes(session));
  return measured;
}

interface Chosen {
  readonly scenario: Scenario;
  readonly runId: string;
  readonly target: OpenedTarget;
  /** The group that the run is one of. */
  readonly group: string | undefined;
}

/** Measures, and shows what came out; undefined where the run failed in a way that was told. */
async function measureInto(
  session: Session,
  args: MakerArguments,
  { scenario, runId, target, group }: Chosen,
): Promise<MeasuredInto> {
  const { screen } = session;
  const asked = askedBy(scenario, runId);
  const { folder, manifest } = beginRun(session, { runId, asked, target, args, group });
  screen.tell(`run ${runId}: ${target.description}`);
  const start = (setting: Setting) => measure(scenario, folder, setting);
  const performance = { start, folder, target, manifest };
  const measurement = await perform(session, args, performance);
  if (measurement === undefined) return undefined;
  await conclude(session, args, performance, measurement);
  const suspicion = args.gate
    ? gateAfterRun(session, folder, args as GateArguments & MakerArguments)
    : undefined;
  screen.tell(`results: ${folder.path}`);
  return { ...measurement, folder, suspicion };
}
