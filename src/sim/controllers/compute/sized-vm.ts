/**
 * The VM as it is started: with what its instance type and preference say in its template, and
 * their names noted. They are read when it starts; a VM without any costs no request.
 */

import type { Matcher, VirtualMachine } from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import { type MatchedRole, matcherResource } from '../../../capacity/instancetype-kinds.ts';
import { ignoreNotFound } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import { resolveInstancetype } from './instancetypes.ts';

export async function sizedVm(client: KubeClient, vm: VirtualMachine): Promise<VirtualMachine> {
  const { instancetype, preference, template } = vm.spec;
  if (!instancetype && !preference) return vm;
  const found = [
    await read(client, vm, instancetype, 'instancetype'),
    await read(client, vm, preference, 'preference'),
  ].filter((object) => object !== undefined);
  const ofKind = (plural: string) =>
    found.filter(({ kind }) => `${kind.toLowerCase()}s` === plural);
  const { spec } = resolveInstancetype(vm, ({ plural }) => ofKind(plural));
  const annotations = {
    ...template.metadata?.annotations,
    ...nameAnnotation(instancetype, 'instancetype'),
    ...nameAnnotation(preference, 'preference'),
  };
  const metadata = { ...template.metadata, annotations };
  return { ...vm, spec: { ...vm.spec, template: { ...template, metadata, spec } } };
}

async function read(
  client: KubeClient,
  { metadata: { namespace } }: VirtualMachine,
  matcher: Matcher | undefined,
  what: MatchedRole,
): Promise<KubeObject | undefined> {
  const resource = matcher && matcherResource(matcher, what);
  if (!resource || !matcher.name) return undefined;
  const home = resource.namespaced && namespace !== undefined ? { namespace } : {};
  return await ignoreNotFound(client.get(resource, { name: matcher.name, ...home }));
}

function nameAnnotation(matcher: Matcher | undefined, what: MatchedRole): Record<string, string> {
  const resource = matcher && matcherResource(matcher, what);
  if (!resource || !matcher.name) return {};
  const scope = resource.namespaced ? '' : 'cluster-';
  return { [`kubevirt.io/${scope}${what}-name`]: matcher.name };
}
