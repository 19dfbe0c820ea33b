/**
 * OLM: a Subscription is resolved against the catalogue, an InstallPlan brings CRDs and
 * ClusterServiceVersions, and each of these comes to Succeeded once its deployments are up.
 */

import type { Controller, ReconcileResult } from '../../../kube/controller.ts';
import { type Informer, makeObjectKey, splitKey } from '../../../kube/informer.ts';
import { controllerReference } from '../chassis/ownership.ts';
import {
  groupVersion,
  DEFINITIONS,
  makeDefinition,
  INSTALL_PLANS,
  type Loose,
  OPERATOR_GROUPS,
  SUBSCRIPTIONS,
  VERSIONS,
} from './kinds.ts';
import { findPackage, type Package, PACKAGES, withNeeds } from './packages.ts';
import { conditions, ensure, type LabRoom, type Said, suffix, writeStatus } from './room.ts';

export interface OlmOptions {
  /** Told of each version that has Succeeded, perhaps more than once. */
  readonly onInstalled: (packageName: string) => void;
}

interface Olm extends LabRoom, OlmOptions {
  readonly subscriptions: Informer<Loose>;
  readonly plans: Informer<Loose>;
  readonly versions: Informer<Loose>;
  readonly groups: Informer<Loose>;
}

const WORKERS = 2;

export function startOlm(room: LabRoom, options: OlmOptions): void {
  const { lab } = room;
  const olm: Olm = {
    ...room,
    ...options,
    subscriptions: lab.informer(SUBSCRIPTIONS),
    plans: lab.informer(INSTALL_PLANS),
    versions: lab.informer(VERSIONS),
    groups: lab.informer(OPERATOR_GROUPS),
  };
  const controller = (name: string, of: Informer<Loose>, step: Step) =>
    lab.controller({
      name: `olm ${name}`,
      workers: WORKERS,
      reconcile: async (key) => {
        const { namespace, name: called } = splitKey(key);
        const object = of.get(namespace, called);
        return object && step(olm, object);
      },
    });
  const subscriptions = controller('subscription', olm.subscriptions, syncSubscription);
  const plans = controller('installplan', olm.plans, syncPlan);
  const versions = controller('csv', olm.versions, syncVersion);
  const groups = controller('operatorgroup', olm.groups, syncGroup);
  const wake = (asked: Controller, all: Informer<Loose>, namespace: string | undefined) => {
    for (const each of all.values()) {
      if (each.metadata.namespace === namespace) asked.enqueue(makeObjectKey(each));
    }
  };
  olm.subscriptions.onChange((now) => now && subscriptions.enqueue(makeObjectKey(now)));
  olm.plans.onChange((now) => {
    if (!now) return;
    plans.enqueue(makeObjectKey(now));
    wake(subscriptions, olm.subscriptions, now.metadata.namespace);
  });
  olm.versions.onChange((now) => {
    if (!now) return;
    versions.enqueue(makeObjectKey(now));
    wake(subscriptions, olm.subscriptions, now.metadata.namespace);
  });
  olm.groups.onChange((now, before) => {
    const { namespace } = (now ?? before)?.metadata ?? {};
    wake(groups, olm.groups, namespace);
    wake(subscriptions, olm.subscriptions, namespace);
    wake(versions, olm.versions, namespace);
  });
}

type Step = (olm: Olm, object: Loose) => Promise<ReconcileResult>;

function groupsIn({ groups }: Olm, namespace: string | undefined): readonly Loose[] {
  return [...groups.values()].filter(({ metadata }) => metadata.namespace === namespace);
}

const syncSubscription: Step = async (olm, subscription) => {
  const { namespace, uid = '' } = subscription.metadata;
  // A namespace without exactly one group is passed over, without a word.
  if (groupsIn(olm, namespace).length !== 1) return undefined;
  const afterUs = olm.left(`resolve ${uid}`, olm.parameters.olm.resolveTimeUs);
  if (afterUs > 0) return { afterUs };
  const found = resolve(olm, subscription);
  if ('message' in found) {
    const said = { type: 'ResolutionFailed', status: 'True', reason: UNSATISFIABLE } as const;
    const list = conditions(olm, subscription, [{ ...said, message: found.message }]);
    await writeStatus(olm, SUBSCRIPTIONS, subscription, { conditions: list });
    return undefined;
  }
  const plan = planOf(olm, subscription, found);
  await ensure(olm, INSTALL_PLANS, plan);
  const seen = olm.plans.get(namespace, plan.metadata.name);
  const isThere = olm.versions.get(namespace, found.version) !== undefined;
  await writeStatus(olm, SUBSCRIPTIONS, subscription, {
    installPlanRef: { kind: INSTALL_PLANS.kind, namespace, name: plan.metadata.name },
    currentCSV: found.version,
    state: isThere ? 'AtLatestKnown' : 'UpgradePending',
    ...(isThere ? { installedCSV: found.version } : {}),
    conditions: conditions(olm, subscription, [
      HEALTHY,
      ...(isThere ? [] : [pending(seen ?? plan)]),
    ]),
  });
  return undefined;
};

const UNSATISFIABLE = 'ConstraintsNotSatisfiable';

const HEALTHY: Said = {
  type: 'CatalogSourcesUnhealthy',
  status: 'False',
  reason: 'AllCatalogSourcesHealthy',
};

function pending({ spec }: Loose): Said {
  const reason = spec['approved'] === true ? 'Installing' : 'RequiresApproval';
  return { type: 'InstallPlanPending', status: 'True', reason };
}

function resolve(
  { faults }: Olm,
  { spec, metadata }: Loose,
): Package | { readonly message: string } {
  const { name = '', channel, startingCSV } = spec as Readonly<Record<string, string>>;
  const found = findPackage(name);
  const refuse = (what: string) => ({
    message: `constraints not satisfiable: ${what}, subscription ${metadata.name} exists`,
  });
  if (found === undefined || faults()?.unresolved.includes(name)) {
    return refuse(`no operators found in package ${name}`);
  }
  if (channel !== undefined && channel !== found.channel) {
    return refuse(`no operators found in channel ${channel} of package ${name}`);
  }
  if (startingCSV !== undefined && startingCSV !== found.version) {
    return refuse(`no operators found with name ${startingCSV} in channel ${found.channel}`);
  }
  return found;
}

function labelsOf(packages: readonly Package[], namespace: string | undefined) {
  return Object.fromEntries(
    packages.map(({ name }) => [`operators.coreos.com/${name}.${namespace}`, '']),
  );
}

function planOf(olm: Olm, subscription: Loose, wanted: Package): Loose {
  const { namespace = '' } = subscription.metadata;
  const packages = withNeeds(wanted);
  const approval = subscription.spec['installPlanApproval'] ?? 'Automatic';
  const approved = approval === 'Automatic';
  return {
    apiVersion: groupVersion(INSTALL_PLANS),
    kind: INSTALL_PLANS.kind,
    metadata: {
      name: `install-${suffix(olm, `plan ${subscription.metadata.uid}`)}`,
      namespace,
      labels: labelsOf(packages, namespace),
      ownerReferences: [controllerReference(subscription)],
    },
    spec: {
      approval,
      approved,
      clusterServiceVersionNames: packages.map(({ version }) => version),
    },
  };
}

const syncPlan: Step = async (olm, plan) => {
  const phase = plan.status?.['phase'];
  if (phase === 'Complete') return undefined;
  if (plan.spec['approved'] !== true) {
    await writeStatus(olm, INSTALL_PLANS, plan, { phase: 'RequiresApproval' });
    return undefined;
  }
  await writeStatus(olm, INSTALL_PLANS, plan, { phase: 'Installing' });
  const afterUs = olm.left(`plan ${plan.metadata.uid}`, olm.parameters.olm.planTimeUs);
  if (afterUs > 0) return { afterUs };
  const names = plan.spec['clusterServiceVersionNames'] as readonly string[];
  for (const each of PACKAGES.filter(({ version }) => names.includes(version))) {
    for (const resource of each.kinds) await ensure(olm, DEFINITIONS, makeDefinition(resource));
    await ensure(olm, VERSIONS, versionObject(each, plan.metadata.namespace ?? ''));
  }
  await writeStatus(olm, INSTALL_PLANS, plan, { phase: 'Complete' });
  return undefined;
};

function versionObject(of: Package, namespace: string): Loose {
  return {
    apiVersion: groupVersion(VERSIONS),
    kind: VERSIONS.kind,
    metadata: { name: of.version, namespace, labels: labelsOf([of], namespace) },
    spec: { displayName: of.name, version: of.version.slice(of.version.indexOf('.v') + 2) },
  };
}

const syncVersion: Step = async (olm, version) => {
  const { metadata } = version;
  const { onInstalled, parameters } = olm;
  const write = (phase: string, reason: string, message = '') =>
    writeStatus(olm, VERSIONS, version, { phase, reason, message });
  const found = PACKAGES.find((each) => each.version === metadata.name);
  if (version.status?.['phase'] === 'Succeeded') {
    if (found) onInstalled(found.name);
    return undefined;
  }
  const trouble = groupTrouble(olm, metadata.namespace);
  if (trouble !== undefined) {
    await write('Failed', trouble[0], trouble[1]);
    return undefined;
  }
  await write('Installing', 'InstallSucceeded', 'waiting for install components to report healthy');
  const afterUs = olm.left(`install ${metadata.uid}`, parameters.olm.installTimeUs);
  if (afterUs > 0) return { afterUs };
  await write('Succeeded', 'InstallSucceeded', 'install strategy completed with no errors');
  return undefined;
};

/** All packages of the catalogue install for their own namespace alone. */
function groupTrouble(olm: Olm, namespace = ''): readonly [string, string] | undefined {
  const groups = groupsIn(olm, namespace);
  const [group] = groups;
  if (group === undefined) return ['NoOperatorGroup', 'csv in namespace with no operatorgroups'];
  if (groups.length > 1) {
    return ['TooManyOperatorGroups', 'csv created in namespace with multiple operatorgroups'];
  }
  const { targetNamespaces = [] } = group.spec as { readonly targetNamespaces?: string[] };
  if (targetNamespaces.length === 1 && targetNamespaces[0] === namespace) return undefined;
  const modes = 'AllNamespaces InstallModeType not supported, cannot configure to watch';
  return [
    'UnsupportedOperatorGroup',
    `${modes} ${targetNamespaces.join(', ') || 'all namespaces'}`,
  ];
}

const syncGroup: Step = async (olm, group) => {
  const { targetNamespaces } = group.spec as { readonly targetNamespaces?: readonly string[] };
  const isOne = groupsIn(olm, group.metadata.namespace).length === 1;
  const said = {
    type: 'MultipleOperatorGroups',
    status: isOne ? 'False' : 'True',
    reason: isOne ? 'OneOperatorGroup' : 'MultipleOperatorGroupsFound',
  } as const;
  await writeStatus(olm, OPERATOR_GROUPS, group, {
    namespaces: targetNamespaces ?? [''],
    conditions: conditions(olm, group, [said]),
  });
  return undefined;
};
