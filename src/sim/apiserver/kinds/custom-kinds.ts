/** The custom kinds of KubeVirt, CDI, the snapshot controller and Rook. */

import * as known from '../../../api/resources.ts';
import { custom, type KindDefinition } from './definition.ts';

export const CUSTOM_KINDS: readonly KindDefinition[] = [
  custom(known.SNAPSHOTS, { shortNames: ['vs'] }),
  custom(known.SNAPSHOT_CONTENTS, { shortNames: ['vsc', 'vscs'] }),
  custom(known.SNAPSHOT_CLASSES, {
    shortNames: ['vsclass', 'vsclasses'],
    statusSubresource: false,
  }),
  custom(known.DATA_VOLUMES, { shortNames: ['dv', 'dvs'], categories: ['all'] }),
  custom(known.DATA_SOURCES, {
    shortNames: ['das'],
    categories: ['all'],
    statusSubresource: false,
  }),
  custom(known.STORAGE_PROFILES, { statusSubresource: false }),
  custom(known.VOLUME_CLONE_SOURCES, { statusSubresource: false }),
  custom(known.VOLUME_IMPORT_SOURCES, { statusSubresource: false }),
  custom(known.VIRTUAL_MACHINES, { shortNames: ['vm', 'vms'], categories: ['all'] }),
  // KubeVirt gives instances no status subresource: status is written with the object itself.
  custom(known.INSTANCES, {
    shortNames: ['vmi', 'vmis'],
    categories: ['all'],
    statusSubresource: false,
  }),
  custom(known.CEPH_CLUSTERS, { shortNames: ['ceph'] }),
];
