/** Rights on kinds that a scenario names: what is asked of them, and where. */

import type { Resource } from '../api/resources.ts';
import type { Need } from './permissions.ts';

export interface KindRight {
  /** As the scenario names it; discovery tells the rest. */
  readonly apiVersion: string | undefined;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly subresource: string | undefined;
  /** All where undefined. */
  readonly namespace: string | undefined;
  /** What is lost without; undefined where the step cannot go on without. */
  readonly lost: string | undefined;
}

export function rightNeeds(
  { verbs, subresource, namespace, lost }: KindRight,
  { group, plural, namespaced }: Pick<Resource, 'group' | 'plural' | 'namespaced'>,
): readonly Need[] {
  // Subresources of KubeVirt's kinds are served by virt-api.
  const isAggregated = group === 'kubevirt.io' && subresource !== undefined;
  const place = namespaced && namespace !== undefined ? { namespace } : {};
  return verbs.map((verb) => ({
    permission: {
      verb,
      group: isAggregated ? 'subresources.kubevirt.io' : group,
      resource: plural,
      ...(subresource === undefined ? {} : { subresource }),
      ...place,
    },
    lost,
  }));
}
