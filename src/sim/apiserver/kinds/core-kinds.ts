/** The kinds of Kubernetes' core and storage groups, most of which have controllers here. */

import * as known from '../../../api/resources.ts';
import * as claims from '../schema/claims.ts';
import * as plain from '../schema/plain.ts';
import { NODE, POD } from '../schema/pod.ts';
import * as columns from '../table/core-columns.ts';
import {
  CONFIG_MAP_COLUMNS,
  POD_COLUMNS,
  SECRET_COLUMNS,
  SERVICE_ACCOUNT_COLUMNS,
  SERVICE_COLUMNS,
} from '../table/workload-columns.ts';
import {
  claimDefaults,
  memberDefaults,
  namespaceDefaults,
  secretDefaults,
  specDefaults,
} from './defaults.ts';
import { builtIn, type KindDefinition, resource } from './definition.ts';
import { podDefaults, qualityOfService } from './pod-defaults.ts';

const STORAGE = 'storage.k8s.io';

export const CORE_KINDS: readonly KindDefinition[] = [
  builtIn(known.NAMESPACES, {
    schema: plain.NAMESPACE,
    shortNames: ['ns'],
    subresources: ['finalize'],
    fields: ['status.phase'],
    columns: columns.NAMESPACE_COLUMNS,
    initialStatus: () => ({ phase: 'Active' }),
    withDefaults: namespaceDefaults,
  }),
  builtIn(known.NODES, {
    schema: NODE,
    shortNames: ['no'],
    fields: ['spec.unschedulable'],
    columns: columns.NODE_COLUMNS,
    initialStatus: 'keep',
    withDefaults: specDefaults({}),
  }),
  builtIn(known.PODS, {
    schema: POD,
    shortNames: ['po'],
    categories: ['all'],
    subresources: ['binding', 'eviction', 'log'],
    graceful: true,
    fields: [
      'spec.nodeName',
      'spec.restartPolicy',
      'spec.schedulerName',
      'spec.serviceAccountName',
      'spec.hostNetwork',
      'status.phase',
      'status.podIP',
      'status.nominatedNodeName',
    ],
    columns: POD_COLUMNS,
    initialStatus: (pod) => ({ phase: 'Pending', qosClass: qualityOfService(pod) }),
    withDefaults: podDefaults,
  }),
  builtIn(known.EVENTS, {
    schema: plain.EVENT,
    shortNames: ['ev'],
    statusSubresource: false,
    fields: [
      'involvedObject.kind',
      'involvedObject.namespace',
      'involvedObject.name',
      'involvedObject.uid',
      'involvedObject.apiVersion',
      'involvedObject.resourceVersion',
      'involvedObject.fieldPath',
      'reason',
      'reportingComponent',
      'source',
      'type',
    ],
    columns: columns.EVENT_COLUMNS,
  }),
  builtIn(known.CONFIG_MAPS, {
    schema: plain.CONFIG_MAP,
    shortNames: ['cm'],
    statusSubresource: false,
    columns: CONFIG_MAP_COLUMNS,
  }),
  builtIn(known.CLAIMS, {
    schema: claims.CLAIM,
    shortNames: ['pvc'],
    columns: columns.CLAIM_COLUMNS,
    initialStatus: () => ({ phase: 'Pending' }),
    withDefaults: claimDefaults,
  }),
  builtIn(known.VOLUMES, {
    schema: claims.VOLUME,
    shortNames: ['pv'],
    columns: columns.VOLUME_COLUMNS,
    initialStatus: () => ({ phase: 'Pending' }),
    withDefaults: specDefaults({
      persistentVolumeReclaimPolicy: 'Retain',
      volumeMode: 'Filesystem',
    }),
  }),
  builtIn(known.SECRETS, {
    schema: plain.SECRET,
    statusSubresource: false,
    fields: ['type'],
    columns: SECRET_COLUMNS,
    withDefaults: secretDefaults,
  }),
  builtIn(core('serviceaccounts', 'ServiceAccount'), {
    schema: plain.SERVICE_ACCOUNT,
    shortNames: ['sa'],
    statusSubresource: false,
    subresources: ['token'],
    columns: SERVICE_ACCOUNT_COLUMNS,
  }),
  builtIn(known.SERVICES, {
    shortNames: ['svc'],
    categories: ['all'],
    fields: ['spec.clusterIP', 'spec.type'],
    columns: SERVICE_COLUMNS,
    withDefaults: specDefaults({ type: 'ClusterIP', sessionAffinity: 'None' }),
  }),
  builtIn(core('endpoints', 'Endpoints'), { shortNames: ['ep'], statusSubresource: false }),
  builtIn(core('resourcequotas', 'ResourceQuota'), { shortNames: ['quota'] }),
  builtIn(core('limitranges', 'LimitRange'), { shortNames: ['limits'], statusSubresource: false }),
  builtIn(known.STORAGE_CLASSES, {
    schema: claims.STORAGE_CLASS,
    shortNames: ['sc'],
    statusSubresource: false,
    columns: columns.STORAGE_CLASS_COLUMNS,
    withDefaults: memberDefaults({ reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
  }),
  builtIn(known.VOLUME_ATTACHMENTS, {
    schema: claims.ATTACHMENT,
    columns: columns.ATTACHMENT_COLUMNS,
    initialStatus: () => ({ attached: false }),
  }),
  builtIn(resource(STORAGE, 'v1', 'csinodes', 'CSINode', 'cluster'), { statusSubresource: false }),
  builtIn(known.CSI_DRIVERS, { statusSubresource: false }),
  builtIn(resource(STORAGE, 'v1', 'csistoragecapacities', 'CSIStorageCapacity', 'namespaced'), {
    statusSubresource: false,
  }),
  builtIn(known.LEASES, {
    schema: plain.LEASE,
    statusSubresource: false,
    columns: columns.LEASE_COLUMNS,
  }),
];

function core(plural: string, kind: string): known.Resource {
  return resource('', 'v1', plural, kind, 'namespaced');
}
