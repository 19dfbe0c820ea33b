/**
 * All checks before a run, in the order in which their failures explain each other: a server that
 * does not answer is said once, not thirty times.
 */

import {
  type Brought,
  type Check,
  type CheckLab,
  fail,
  type Finding,
  guarded,
  pass,
  warn,
} from './check.ts';
import { explainFailure } from './explain-failure.ts';
import { checkDryRun, checkLeftovers, checkNamespace } from './check-access.ts';
import { checkNodes, checkQuotas } from './check-capacity.ts';
import { checkCloneRight } from './check-clone-right.ts';
import { checkNames, checkOrigins } from './check-origins.ts';
import { checkPermissions } from './check-permissions.ts';
import { checkKinds, checkOperators, checkServer } from './check-software.ts';
import { checkStorageClass } from './check-storage.ts';

const CHECKS: readonly (readonly [name: string, check: Check, of?: Brought])[] = [
  ['API server', checkServer],
  ['kinds', checkKinds, 'virtualization'],
  ['operators', checkOperators, 'virtualization'],
  ['permissions', checkPermissions],
  ['clone right', checkCloneRight],
  ['storage class', checkStorageClass, 'storage'],
  ['nodes', checkNodes],
  ['namespace', checkNamespace],
  ['quotas', checkQuotas],
  ['images', checkImages],
  ['programs', checkPrograms],
  ['clone sources', checkOrigins],
  ['names', checkNames],
  ['dry run', checkDryRun],
  ['leftovers', checkLeftovers],
];

/**
 * Every finding; creates nothing. A server that cannot be talked to is a finding as well, and the
 * last one: no other check could tell anything.
 */
export async function preflight(lab: CheckLab): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const { brings } = lab.demand;
  for (const [name, check, of] of CHECKS) {
    try {
      const found = await guarded(name, lab, check);
      findings.push(...(of !== undefined && brings.has(of) ? found.map(awaited) : found));
    } catch (error) {
      const explanation = explainFailure(error, lab.server);
      if (explanation === undefined) throw error;
      return [...findings, fail('API server', explanation.found, explanation.remedy)];
    }
  }
  return findings;
}

/** What is missing of what the scenario itself brings up first. */
function awaited(finding: Finding): Finding {
  const { check, verdict, found } = finding;
  if (verdict !== 'fail') return finding;
  return warn(check, `${found} yet`, 'go on: steps of the scenario bring it');
}

/** True where the run must not start. */
export function forbids(findings: readonly Finding[], strict: boolean): boolean {
  return findings.some(({ verdict }) => verdict === 'fail' || (strict && verdict === 'warn'));
}

/** Nothing can be said of them before they run, but that they will. */
async function checkPrograms({ demand }: CheckLab): Promise<readonly Finding[]> {
  return demand.programs.map((program) =>
    pass('program', `${program} is run on this machine, where --allow-exec is given`),
  );
}

/** Images are fetched by CDI from inside the cluster, so all we can do is to name them. */
async function checkImages({ demand }: CheckLab): Promise<readonly Finding[]> {
  return demand.imageUrls.map((url) => pass('image', `${url} must be reachable from the cluster`));
}
