/** Kinds that are stored, listed and watched like any other, and that nothing here acts on. */

import { DEFINITION } from '../schema/custom-definition.ts';
import { ROLE, ROLE_BINDING } from '../schema/plain.ts';
import { DAEMON_SET, DEPLOYMENT, JOB, REPLICA_SET, STATEFUL_SET } from '../schema/pod.ts';
import * as columns from '../table/workload-columns.ts';
import { specDefaults } from './defaults.ts';
import { builtIn, type KindDefinition, type KindOptions, resource } from './definition.ts';

/** Holds a deleted definition until its objects are gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

/** What makes custom kinds; custom/ acts on them. */
export const DEFINITIONS = resource(
  'apiextensions.k8s.io',
  'v1',
  'customresourcedefinitions',
  'CustomResourceDefinition',
  'cluster',
);

export const STORED_KINDS: readonly KindDefinition[] = [
  apps('deployments', 'Deployment', {
    schema: DEPLOYMENT,
    shortNames: ['deploy'],
    subresources: ['scale'],
    columns: columns.DEPLOYMENT_COLUMNS,
    withDefaults: specDefaults({ replicas: 1, revisionHistoryLimit: 10 }),
  }),
  apps('replicasets', 'ReplicaSet', {
    schema: REPLICA_SET,
    shortNames: ['rs'],
    subresources: ['scale'],
    columns: columns.REPLICA_SET_COLUMNS,
    withDefaults: specDefaults({ replicas: 1 }),
  }),
  apps('statefulsets', 'StatefulSet', {
    schema: STATEFUL_SET,
    shortNames: ['sts'],
    subresources: ['scale'],
    columns: columns.STATEFUL_SET_COLUMNS,
    withDefaults: specDefaults({ replicas: 1 }),
  }),
  apps('daemonsets', 'DaemonSet', {
    schema: DAEMON_SET,
    shortNames: ['ds'],
    columns: columns.DAEMON_SET_COLUMNS,
  }),
  builtIn(resource('apps', 'v1', 'controllerrevisions', 'ControllerRevision', 'namespaced'), {
    statusSubresource: false,
  }),
  builtIn(resource('batch', 'v1', 'jobs', 'Job', 'namespaced'), {
    schema: JOB,
    categories: ['all'],
    generation: true,
    columns: columns.JOB_COLUMNS,
  }),
  builtIn(resource('batch', 'v1', 'cronjobs', 'CronJob', 'namespaced'), {
    shortNames: ['cj'],
    categories: ['all'],
    generation: true,
    columns: columns.CRON_JOB_COLUMNS,
  }),
  rbac('roles', 'Role', 'namespaced', { schema: ROLE }),
  rbac('rolebindings', 'RoleBinding', 'namespaced', {
    schema: ROLE_BINDING,
    columns: columns.BINDING_COLUMNS,
  }),
  rbac('clusterroles', 'ClusterRole', 'cluster', { schema: ROLE }),
  rbac('clusterrolebindings', 'ClusterRoleBinding', 'cluster', {
    schema: ROLE_BINDING,
    columns: columns.BINDING_COLUMNS,
  }),
  builtIn(resource('policy', 'v1', 'poddisruptionbudgets', 'PodDisruptionBudget', 'namespaced'), {
    shortNames: ['pdb'],
    generation: true,
  }),
  builtIn(resource('scheduling.k8s.io', 'v1', 'priorityclasses', 'PriorityClass', 'cluster'), {
    shortNames: ['pc'],
    statusSubresource: false,
  }),
  builtIn(resource('networking.k8s.io', 'v1', 'networkpolicies', 'NetworkPolicy', 'namespaced'), {
    shortNames: ['netpol'],
    statusSubresource: false,
    generation: true,
  }),
  builtIn(resource('networking.k8s.io', 'v1', 'ingresses', 'Ingress', 'namespaced'), {
    shortNames: ['ing'],
    generation: true,
  }),
  builtIn(resource('networking.k8s.io', 'v1', 'ingressclasses', 'IngressClass', 'cluster'), {
    statusSubresource: false,
    generation: true,
  }),
  builtIn(
    resource(
      'autoscaling',
      'v2',
      'horizontalpodautoscalers',
      'HorizontalPodAutoscaler',
      'namespaced',
    ),
    { shortNames: ['hpa'], categories: ['all'] },
  ),
  builtIn(resource('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice', 'namespaced'), {
    statusSubresource: false,
    generation: true,
  }),
  builtIn(DEFINITIONS, {
    schema: DEFINITION,
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    generation: true,
    columns: columns.DEFINITION_COLUMNS,
    deletionFinalizer: CLEANUP_FINALIZER,
  }),
];

function apps(plural: string, kind: string, options: KindOptions): KindDefinition {
  return builtIn(resource('apps', 'v1', plural, kind, 'namespaced'), {
    categories: ['all'],
    generation: true,
    ...options,
  });
}

function rbac(
  plural: string,
  kind: string,
  scope: 'namespaced' | 'cluster',
  options: KindOptions = {},
): KindDefinition {
  return builtIn(resource('rbac.authorization.k8s.io', 'v1', plural, kind, scope), {
    statusSubresource: false,
    ...options,
  });
}
