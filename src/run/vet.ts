/** Before something is created on a real cluster: all checks, and a person's word for a big run. */

import type { Demand } from '../cluster/check.ts';
import { forbids, preflight } from '../cluster/preflight.ts';
import { clusterName } from '../kube/connection.ts';
import type { ClusterAccess } from './cluster-handle.ts';
import { EXIT } from '../core/exit-code.ts';
import { findingCounts, findingLines } from './preflight-table.ts';
import type { Session } from './session.ts';

export interface VetArguments {
  readonly strict: boolean;
  readonly yes: boolean;
}

/** More VMs than this are not created without being asked for twice. */
const VMS_UNASKED_MAX = 50;

/** Whether the run may start; where not, why has been told. */
export async function vet(
  session: Session,
  access: ClusterAccess,
  demand: Demand,
  args: VetArguments,
): Promise<boolean> {
  if (!(await passes(session, access, demand, args))) return false;
  if (session.host.interrupt.aborted) return false;
  return demand.vmsCreated <= VMS_UNASKED_MAX || args.yes
    ? true
    : confirmed(session, access, demand);
}

async function passes(
  session: Session,
  access: ClusterAccess,
  demand: Demand,
  { strict }: VetArguments,
): Promise<boolean> {
  const { screen } = session;
  const findings = await preflight(checkLab(access, demand));
  const forbidden = forbids(findings, strict);
  const shown = forbidden ? findings : findings.filter(({ verdict }) => verdict !== 'pass');
  for (const line of findingLines(shown)) screen.tell(line);
  screen.tell(findingCounts(findings));
  if (!forbidden) return true;
  screen.tell('bench: the run cannot start; nothing was created');
  session.finish(EXIT.usage);
  return false;
}

export function checkLab({ client, connection, clock }: ClusterAccess, demand: Demand) {
  return { client, server: connection.server, demand, wallUs: () => clock.wallUs() };
}

async function confirmed(
  { host, screen, finish }: Session,
  access: ClusterAccess,
  { vmsCreated, dataVolumes, namespace }: Demand,
): Promise<boolean> {
  const what = `${vmsCreated} VMs and ${dataVolumes} DataVolumes in namespace ${namespace}`;
  const answer = await host.ask(`Create ${what} on ${clusterName(access.connection)}? [y/N] `);
  if (/^y(es)?$/i.test(answer?.trim() ?? '')) return true;
  screen.tell(
    answer === undefined
      ? `bench: this would create ${what} on ${clusterName(access.connection)}: confirm with --yes`
      : 'bench: nothing was created',
  );
  finish(EXIT.usage);
  return false;
}
