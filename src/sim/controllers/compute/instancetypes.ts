/**
 * Instance types and preferences as virt-api and virt-controller find and apply them (kubevirt
 * v1.1.1 pkg/instancetype): unknown ones are refused when the VM is stored, and what they say is
 * applied to the VMI alone, so that the VM's template stays as it was sent. Pure.
 */

import type { VmiSpec, Matcher, VirtualMachine } from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import type { Resource } from '../../../api/resources.ts';
import {
  applyInstancetype,
  findShortage,
  type InstancetypeSpec,
  type PreferenceSpec,
} from '../../../capacity/instancetype.ts';
import { type MatchedRole, matcherResource } from '../../../capacity/instancetype-kinds.ts';
import { type AdmissionCause, invalid } from './spec-problems.ts';

/** All objects of a kind. */
type List = (resource: Resource) => readonly KubeObject[];

interface Sized {
  readonly spec: VmiSpec;
  readonly problems: readonly AdmissionCause[];
}

/** The template's spec with what instance type and preference say. */
export function resolveInstancetype(vm: VirtualMachine, list: List): Sized {
  const { spec } = vm.spec.template;
  const { instancetype, preference } = vm.spec;
  if (!instancetype && !preference) return { spec, problems: [] };
  const type = findSpec(vm, instancetype, 'instancetype', list);
  if (typeof type === 'string') return refused(spec, 'instancetype', type);
  const preferred = findSpec(vm, preference, 'preference', list);
  if (typeof preferred === 'string') return refused(spec, 'preference', preferred);
  const sizes = type as InstancetypeSpec | undefined;
  const wishes = preferred as PreferenceSpec | undefined;
  const applied = applyInstancetype(spec, sizes, wishes);
  const problems = applied.conflicts.map((path) => {
    const field = `spec.template.spec.${path}`;
    return invalid(field, `VM field ${field} conflicts with selected instance type`);
  });
  if (problems.length > 0) return { spec, problems };
  const shortage = wishes && findShortage(sizes, wishes);
  if (shortage === undefined) return { spec: applied.spec, problems: [] };
  const message = `failure checking preference requirements: ${shortage}`;
  return { spec, problems: [notFound('spec.instancetype', message)] };
}

function refused(spec: VmiSpec, what: MatchedRole, cause: string): Sized {
  return { spec, problems: [notFound(`spec.${what}`, `Failure to find ${what}: ${cause}`)] };
}

function notFound(field: string, message: string): AdmissionCause {
  return { reason: 'FieldValueNotFound', message, field };
}

export function findPreference(vm: VirtualMachine, list: List): PreferenceSpec | undefined {
  const found = findSpec(vm, vm.spec.preference, 'preference', list);
  return typeof found === 'string' ? undefined : (found as PreferenceSpec | undefined);
}

/** The object's spec, or why there is none, as the server words it. */
function findSpec(
  { metadata }: VirtualMachine,
  matcher: Matcher | undefined,
  what: MatchedRole,
  list: List,
): unknown {
  if (!matcher?.name) return undefined;
  const resource = matcherResource(matcher, what);
  if (!resource) {
    const name = what === 'preference' ? 'PreferenceMatcher' : 'InstancetypeMatcher';
    return `got unexpected kind in ${name}: ${matcher.kind}`;
  }
  const found = list(resource).find(
    (object) =>
      object.metadata.name === matcher.name &&
      (!resource.namespaced || object.metadata.namespace === metadata.namespace),
  );
  return found?.spec ?? `${resource.plural}.${resource.group} "${matcher.name}" not found`;
}

/** Matchers without a kind mean the cluster's. */
export function withMatcherKinds(vm: VirtualMachine): VirtualMachine {
  const { instancetype, preference } = vm.spec;
  const lacks = (matcher: Matcher | undefined) => matcher !== undefined && !matcher.kind;
  if (!lacks(instancetype) && !lacks(preference)) return vm;
  const named = (matcher: Matcher | undefined, kind: string) =>
    lacks(matcher) ? { ...matcher, kind } : matcher;
  const type = named(instancetype, 'virtualmachineclusterinstancetype');
  const wishes = named(preference, 'virtualmachineclusterpreference');
  const spec = {
    ...vm.spec,
    ...(type ? { instancetype: type } : {}),
    ...(wishes ? { preference: wishes } : {}),
  };
  return { ...vm, spec };
}

export function matcherProblems({
  instancetype,
  preference,
}: Pick<VirtualMachine['spec'], 'instancetype' | 'preference'>): readonly AdmissionCause[] {
  const nameless = (matcher: Matcher | undefined) => matcher !== undefined && !matcher.name;
  const say = (what: string, field: string) =>
    notFound(field, `Either Name or InferFromVolume should be provided within the ${what}`);
  return [
    ...(nameless(instancetype) && !instancetype?.inferFromVolume
      ? [say('InstancetypeMatcher', 'spec.instancetype')]
      : []),
    ...(nameless(preference) && !preference?.inferFromVolume
      ? [say('PreferenceMatcher', 'spec.preference')]
      : []),
  ];
}
