/**
 * What the VMs are once their instance types and preferences are resolved: one that does not exist
 * is found here, before virt-api refuses every VM for it.
 */

import type { VmiSpec, Matcher, VirtualMachine } from '../api/compute.ts';
import type { KubeObject } from '../api/object.ts';
import type { Resource } from '../api/resources.ts';
import {
  applyInstancetype,
  type InstancetypeSpec,
  type PreferenceSpec,
} from '../capacity/instancetype.ts';
import { type MatchedRole, matcherResource } from '../capacity/instancetype-kinds.ts';
import { isForbidden } from '../kube/api-error.ts';
import { type CheckLab, type Finding, fail, find, findAll, warn } from './check.ts';

export interface SizedVm {
  readonly template: string;
  readonly count: number;
  readonly spec: VmiSpec;
}

interface Resolved {
  readonly vms: readonly SizedVm[];
  readonly problems: readonly Finding[];
}

export async function resolveVms(lab: CheckLab): Promise<Resolved> {
  const vms: SizedVm[] = [];
  const problems: Finding[] = [];
  for (const { template, count, vm } of lab.demand.vms) {
    if (!vm) continue;
    const { instancetype, preference } = vm.spec;
    const type = await resolve(lab, vm, instancetype, 'instancetype');
    const preferred = await resolve(lab, vm, preference, 'preference');
    problems.push(...[type.problem, preferred.problem].filter((each) => each !== undefined));
    const applied = applyInstancetype(
      vm.spec.template.spec,
      type.spec as InstancetypeSpec | undefined,
      preferred.spec as PreferenceSpec | undefined,
    );
    if (applied.conflicts.length > 0) problems.push(conflict(template, applied.conflicts));
    // Of a type that is unknown no size is known: such VMs are not packed.
    if (!type.problem) vms.push({ template, count, spec: applied.spec });
  }
  return { vms, problems };
}

interface Found {
  readonly spec?: unknown;
  readonly problem?: Finding;
}

async function resolve(
  { client, demand }: CheckLab,
  vm: VirtualMachine,
  matcher: Matcher | undefined,
  what: MatchedRole,
): Promise<Found> {
  const name = matcher?.name;
  if (!matcher || name === undefined) return {};
  const resource = matcherResource(matcher, what);
  if (!resource) return { problem: unknownKind(matcher, what) };
  const namespace = vm.metadata.namespace ?? demand.namespace;
  const ref = { name, ...(resource.namespaced ? { namespace } : {}) };
  try {
    const found = await find(client, resource, ref);
    if (found) return { spec: found.spec };
    return { problem: await absent(client, resource, name, what) };
  } catch (error) {
    if (!isForbidden(error)) throw error;
    const found = `${resource.kind} ${name} is not shown to us: its VMs are not packed`;
    return { problem: warn(what, found, `let this user get ${resource.plural}`) };
  }
}

async function absent(
  client: CheckLab['client'],
  resource: Resource,
  name: string,
  what: string,
): Promise<Finding> {
  const others: readonly KubeObject[] = await findAll(client, resource);
  const names = others.map(({ metadata }) => metadata.name).slice(0, 12);
  const remedy = names.length > 0 ? `there are ${names.join(', ')}` : `there is no ${what} at all`;
  return fail(what, `${resource.kind} ${name} does not exist`, remedy);
}

function unknownKind({ kind }: Matcher, what: string): Finding {
  const remedy =
    `VirtualMachine${what === 'preference' ? 'Preference' : 'Instancetype'}, or the ` +
    'same of the cluster';
  return fail(what, `there is no kind ${kind ?? ''} of ${what}`, remedy);
}

function conflict(template: string, fields: readonly string[]): Finding {
  const list = fields.map((field) => `spec.template.spec.${field}`).join(', ');
  const found = `${template} says ${list}, which its instance type decides`;
  return fail('instancetype', found, 'leave these fields out of the template');
}
