/**
 * The aggregated API of KubeVirt as virt-api v1.1.1 lists it: subresources without main resources,
 * without kinds, and with no verbs at all, which is null and no empty list
 * (pkg/virt-api/api.go composeSubresources).
 */

import type { VirtualResource } from './discovery.ts';

const GROUP = 'subresources.kubevirt.io';

const NAMES: readonly string[] = [
  'expand-vm-spec',
  ...below('virtualmachineinstances', [
    'vnc',
    'console',
    'portforward',
    'pause',
    'unpause',
    'freeze',
    'unfreeze',
    'softreboot',
  ]),
  ...below('virtualmachines', ['start', 'stop', 'restart', 'migrate', 'expand-spec']),
  ...below('virtualmachineinstances', [
    'guestosinfo',
    'userlist',
    'filesystemlist',
    'addvolume',
    'removevolume',
    'sev/fetchcertchain',
    'sev/querylaunchmeasurement',
    'sev/setupsession',
    'sev/injectlaunchsecret',
  ]),
];

export const KUBEVIRT_SUBRESOURCES: readonly VirtualResource[] = ['v1', 'v1alpha3'].flatMap(
  (version) =>
    NAMES.map((name) => ({ group: GROUP, version, name, kind: '', namespaced: true, verbs: null })),
);

function below(plural: string, actions: readonly string[]): readonly string[] {
  return actions.map((action) => `${plural}/${action}`);
}
