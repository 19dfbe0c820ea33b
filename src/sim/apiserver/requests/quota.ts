/**
 * ResourceQuotas: numbers of objects (`count/<plural>.<group>` and the short names), what pods
 * request and may use at most, what claims ask for. A real server judges by the usage in a quota's
 * status, which a controller keeps and which lags behind; this one counts what there is. Scopes of
 * quotas are not heeded.
 */

import type { KubeObject } from '../../../api/object.ts';
import { CLAIMS, PODS, RESOURCE_QUOTAS } from '../../../api/resources.ts';
import { formatQuantity, MIB } from '../../../core/bytes.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import { forbidden } from '../core/refusal.ts';
import type { Context } from './context.ts';
import { type Amounts, quotaAmounts, readAmount, unsaid } from './quota-amounts.ts';

type Hard = Readonly<Record<string, string>>;

/** Refuses (403) an object that is too much for a quota of its namespace. */
export function checkQuotas(
  context: Context,
  definition: KindDefinition,
  object: KubeObject,
): void {
  const { namespace } = object.metadata;
  const quotas = context.registry.ofResource(RESOURCE_QUOTAS);
  if (namespace === undefined || quotas === undefined) return;
  let asked: Amounts | undefined;
  context.store.collection(quotas).scan(namespace, (quota) => {
    asked ??= quotaAmounts(definition.resource, object);
    checkQuota(context, definition, object, asked, quota);
    return true;
  });
}

function checkQuota(
  context: Context,
  definition: KindDefinition,
  object: KubeObject,
  asked: Amounts,
  quota: KubeObject,
): void {
  const hard = readHard(quota);
  const { resource } = definition;
  const { namespace, name, generateName } = object.metadata;
  const refuse = (cause: string) => forbidden(resource, name || (generateName ?? ''), cause);
  const silent = Object.keys(hard).flatMap((limited) => {
    const containers = unsaid(resource, object, limited);
    return containers.length > 0 ? [`${limited} for: ${containers.join(',')}`] : [];
  });
  if (silent.length > 0) {
    throw refuse(`failed quota: ${quota.metadata.name}: must specify ${silent.sort().join('; ')}`);
  }
  const concerned = Object.keys(hard).filter((limited) => asked.has(limited));
  if (concerned.length === 0) return;
  const used = sumUsed(context, definition, namespace ?? '');
  const exceeded = concerned
    .filter((limited) => {
      const total = (used.get(limited) ?? 0) + (asked.get(limited) ?? 0);
      return total > readAmount(limited, hard[limited] ?? '');
    })
    .sort();
  if (exceeded.length === 0) return;
  const list = (amounts: Amounts) =>
    exceeded.map((each) => `${each}=${format(each, amounts.get(each) ?? 0)}`).join(',');
  const limits = exceeded.map((each) => `${each}=${hard[each]}`).join(',');
  throw refuse(
    `exceeded quota: ${quota.metadata.name}, requested: ${list(asked)}, used: ${list(used)}, ` +
      `limited: ${limits}`,
  );
}

/** The quota with what is used of it now, as its controller would write it. */
export function withUsage(context: Context, quota: KubeObject): KubeObject {
  const hard = readHard(quota);
  const used: Record<string, string> = {};
  for (const limited of Object.keys(hard)) used[limited] = format(limited, 0);
  for (const definition of countedKinds(context, hard)) {
    for (const [name, amount] of sumUsed(context, definition, quota.metadata.namespace ?? '')) {
      if (hard[name] !== undefined) used[name] = format(name, amount);
    }
  }
  return { ...quota, status: { hard, used } };
}

function countedKinds({ registry }: Context, hard: Hard): readonly KindDefinition[] {
  return registry.definitions.filter(({ resource, storedAs }) => {
    if (storedAs) return false;
    if (resource === PODS || resource === CLAIMS) return true;
    const plain = resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
    return hard[plain] !== undefined || hard[`count/${plain}`] !== undefined;
  });
}

function readHard(quota: KubeObject): Hard {
  return (quota.spec as { readonly hard?: Hard } | undefined)?.hard ?? {};
}

function sumUsed({ store }: Context, definition: KindDefinition, namespace: string): Amounts {
  const used = new Map<string, number>();
  store.collection(definition).scan(namespace, (object) => {
    for (const [name, amount] of quotaAmounts(definition.resource, object)) {
      used.set(name, (used.get(name) ?? 0) + amount);
    }
    return true;
  });
  return used;
}

function format(name: string, amount: number): string {
  if (name === 'cpu' || name.endsWith('.cpu')) {
    return amount % 1000 === 0 ? String(amount / 1000) : `${amount}m`;
  }
  return amount % MIB === 0 && amount > 0 ? formatQuantity(amount) : String(amount);
}
