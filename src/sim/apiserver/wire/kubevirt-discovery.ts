/** The aggregated API of KubeVirt as discovery lists it: subresources without main resources. */

import type { VirtualResource } from './discovery.ts';

const GROUP = 'subresources.kubevirt.io';

const SUBRESOURCES: Readonly<Record<string, readonly string[]>> = {
  virtualmachines: ['start', 'stop', 'restart', 'migrate', 'addvolume', 'removevolume'],
  virtualmachineinstances: [
    'pause',
    'unpause',
    'freeze',
    'unfreeze',
    'softreboot',
    'guestosinfo',
    'userlist',
    'filesystemlist',
    'console',
    'vnc',
    'portforward',
  ],
};

export const KUBEVIRT_SUBRESOURCES: readonly VirtualResource[] = ['v1', 'v1alpha3'].flatMap(
  (version) =>
    Object.entries(SUBRESOURCES).flatMap(([plural, actions]) =>
      actions.map((action) => ({
        group: GROUP,
        version,
        name: `${plural}/${action}`,
        kind: '',
        namespaced: true,
        verbs: ['get', 'update'],
      })),
    ),
);
