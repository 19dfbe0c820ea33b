/** The kinds of Kubernetes itself that the simulated cluster serves. */

import * as known from '../../../api/resources.ts';
import { builtIn, type KindDefinition } from './definition.ts';

const pathOf = (label: string): readonly string[] => label.split('.');
const fields = (...labels: string[]): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(labels.map((label) => [label, pathOf(label)]));

export const CORE_KINDS: readonly KindDefinition[] = [
  builtIn(known.NAMESPACES, {
    shortNames: ['ns'],
    subresources: ['finalize'],
    fields: fields('status.phase'),
    initialStatus: () => ({ phase: 'Active' }),
  }),
  builtIn(known.NODES, {
    shortNames: ['no'],
    fields: fields('spec.unschedulable'),
    initialStatus: 'keep',
  }),
  builtIn(known.PODS, {
    shortNames: ['po'],
    categories: ['all'],
    subresources: ['binding', 'eviction', 'log'],
    graceful: true,
    fields: fields(
      'spec.nodeName',
      'spec.restartPolicy',
      'spec.schedulerName',
      'spec.serviceAccountName',
      'spec.hostNetwork',
      'status.phase',
      'status.podIP',
      'status.nominatedNodeName',
    ),
    initialStatus: () => ({ phase: 'Pending', qosClass: 'Burstable' }),
  }),
  builtIn(known.EVENTS, {
    shortNames: ['ev'],
    statusSubresource: false,
    fields: fields(
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
    ),
  }),
  builtIn(known.CONFIG_MAPS, { shortNames: ['cm'], statusSubresource: false }),
  builtIn(known.CLAIMS, {
    shortNames: ['pvc'],
    initialStatus: () => ({ phase: 'Pending' }),
  }),
  builtIn(known.VOLUMES, {
    shortNames: ['pv'],
    initialStatus: () => ({ phase: 'Pending' }),
  }),
  builtIn(known.STORAGE_CLASSES, { shortNames: ['sc'], statusSubresource: false }),
  builtIn(known.VOLUME_ATTACHMENTS, { initialStatus: () => ({ attached: false }) }),
  builtIn(known.LEASES, { statusSubresource: false }),
];
