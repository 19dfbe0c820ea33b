/** The kinds that have owners, and the kinds that namespaces are emptied of. */

import {
  CLAIMS,
  CONFIG_MAPS,
  CONTROLLER_REVISIONS,
  DATA_SOURCES,
  DATA_VOLUMES,
  DISRUPTION_BUDGETS,
  EVENTS,
  VMIS,
  LEASES,
  MIGRATIONS,
  PODS,
  type Resource,
  SECRETS,
  SERVICES,
  SNAPSHOTS,
  VIRTUAL_MACHINES,
  VM_RESTORES,
  VM_SNAPSHOT_CONTENTS,
  VM_SNAPSHOTS,
  VOLUME_CLONE_SOURCES,
  VOLUME_IMPORT_SOURCES,
} from '../../../api/resources.ts';

/** Kinds that no controller here acts on; which there are may change. */
export interface OtherKinds {
  list(): readonly Resource[];
  /** Told after the list has changed. */
  onChange(listener: () => void): void;
}

export const NO_OTHER_KINDS: OtherKinds = { list: () => [], onChange: () => {} };

/** Kinds that own or are owned in this cluster. */
export const OWNED_RESOURCES: readonly Resource[] = [
  VIRTUAL_MACHINES,
  VMIS,
  PODS,
  DATA_VOLUMES,
  CLAIMS,
  VOLUME_CLONE_SOURCES,
  VOLUME_IMPORT_SOURCES,
  SNAPSHOTS,
  CONFIG_MAPS,
  SECRETS,
  SERVICES,
  CONTROLLER_REVISIONS,
  DISRUPTION_BUDGETS,
  VM_SNAPSHOTS,
  VM_SNAPSHOT_CONTENTS,
  VM_RESTORES,
];

/** Owners first, so that little is left to collect when their dependents' turn comes. */
export const NAMESPACED_RESOURCES: readonly Resource[] = [
  VIRTUAL_MACHINES,
  VMIS,
  MIGRATIONS,
  VM_RESTORES,
  VM_SNAPSHOTS,
  VM_SNAPSHOT_CONTENTS,
  DATA_VOLUMES,
  PODS,
  VOLUME_CLONE_SOURCES,
  VOLUME_IMPORT_SOURCES,
  SNAPSHOTS,
  CLAIMS,
  DATA_SOURCES,
  CONFIG_MAPS,
  SECRETS,
  SERVICES,
  CONTROLLER_REVISIONS,
  DISRUPTION_BUDGETS,
  LEASES,
  EVENTS,
];
