/**
 * ResourceQuotas, as far as they count objects: `count/<plural>.<group>`, and the short names that
 * pods, claims and a few others have. Amounts of cpu, memory or storage are not enforced. What a
 * reader would get wrong: a real server judges by the usage in a quota's status, which a controller
 * keeps and which lags behind; this one counts what there is.
 */

import type { KubeObject } from '../../../api/object.ts';
import { RESOURCE_QUOTAS, type Resource } from '../../../api/resources.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import { forbidden } from '../refusal.ts';
import type { Context } from './context.ts';

/** Refuses (403) an object that is one too many for a quota of its namespace. */
export function checkQuotas(
  context: Context,
  definition: KindDefinition,
  { metadata: { namespace, name } }: KubeObject,
): void {
  const quotas = context.registry.ofResource(RESOURCE_QUOTAS);
  if (namespace === undefined || quotas === undefined) return;
  context.store.collection(quotas).scan(namespace, (quota) => {
    const { hard } = (quota.spec ?? {}) as { readonly hard?: Readonly<Record<string, string>> };
    for (const counted of listNames(definition.resource)) {
      const limit = hard?.[counted];
      if (limit === undefined) continue;
      const used = countIn(context, definition, namespace);
      if (used < Number(limit)) continue;
      const cause =
        `exceeded quota: ${quota.metadata.name}, requested: ${counted}=1, ` +
        `used: ${counted}=${used}, limited: ${counted}=${limit}`;
      throw forbidden(definition.resource, name, cause);
    }
    return true;
  });
}

/** Kinds that quotas have known since before `count/` (k8s.io/api core/v1 ResourceName). */
const SHORT_NAMES: ReadonlySet<string> = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
]);

function listNames({ plural, group }: Resource): readonly string[] {
  if (group !== '') return [`count/${plural}.${group}`];
  return SHORT_NAMES.has(plural) ? [`count/${plural}`, plural] : [`count/${plural}`];
}

function countIn({ store }: Context, definition: KindDefinition, namespace: string): number {
  let count = 0;
  store.collection(definition).scan(namespace, () => {
    count += 1;
    return true;
  });
  return count;
}
