/** Columns of pods, of the kinds that make pods, and of what goes with them. */

import type { KubeObject } from '../../../api/object.ts';
import { AGE_COLUMN, type Column, column, NAME_COLUMN } from './column.ts';
import { formatAge, humanDuration } from './human-duration.ts';
import { parseRfc3339 } from '../../../core/time-text.ts';
import { podReady, podRestarts, podStatus } from './pod-status.ts';

const NONE = '<none>';

export const POD_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  column('Ready', podReady),
  column('Status', podStatus),
  column('Restarts', podRestarts),
  AGE_COLUMN,
  column('IP', (pod) => textAt(pod, 'status', 'podIP') || NONE, { wide: true }),
  column('Node', (pod) => textAt(pod, 'spec', 'nodeName') || NONE, { wide: true }),
  column('Nominated Node', (pod) => textAt(pod, 'status', 'nominatedNodeName') || NONE, {
    wide: true,
  }),
  column('Readiness Gates', (pod) => readinessGates(pod), { wide: true }),
];

const TEMPLATE_COLUMNS: readonly Column[] = [
  column('Containers', (object) => listContainers(object).join(','), { wide: true }),
  column('Images', (object) => listImages(object).join(','), { wide: true }),
];
const SELECTOR_COLUMN = column('Selector', (object) => selectorText(object), { wide: true });

export const DEPLOYMENT_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  column('Ready', (object) => formatReady(object)),
  column('Up-to-date', (object) => countAt(object, 'status', 'updatedReplicas')),
  column('Available', (object) => countAt(object, 'status', 'availableReplicas')),
  AGE_COLUMN,
  ...TEMPLATE_COLUMNS,
  SELECTOR_COLUMN,
];

export const STATEFUL_SET_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  column('Ready', (object) => formatReady(object)),
  AGE_COLUMN,
  ...TEMPLATE_COLUMNS,
];

const count = (name: string, part: 'spec' | 'status', key: string) =>
  column(name, (object) => countAt(object, part, key), { type: 'integer' });

export const REPLICA_SET_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  count('Desired', 'spec', 'replicas'),
  count('Current', 'status', 'replicas'),
  count('Ready', 'status', 'readyReplicas'),
  AGE_COLUMN,
  ...TEMPLATE_COLUMNS,
  SELECTOR_COLUMN,
];

export const DAEMON_SET_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  count('Desired', 'status', 'desiredNumberScheduled'),
  count('Current', 'status', 'currentNumberScheduled'),
  count('Ready', 'status', 'numberReady'),
  count('Up-to-date', 'status', 'updatedNumberScheduled'),
  count('Available', 'status', 'numberAvailable'),
  column('Node Selector', (object) => labelsText(templateSpec(object)?.['nodeSelector'])),
  AGE_COLUMN,
  ...TEMPLATE_COLUMNS,
  SELECTOR_COLUMN,
];

export const JOB_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  column('Completions', (job) => {
    const wanted = (job.spec as Tree | undefined)?.['completions'];
    return `${countAt(job, 'status', 'succeeded')}/${typeof wanted === 'number' ? wanted : 1}`;
  }),
  column('Duration', jobDuration),
  AGE_COLUMN,
  ...TEMPLATE_COLUMNS,
  SELECTOR_COLUMN,
];

export const CRON_JOB_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  column('Schedule', (object) => textAt(object, 'spec', 'schedule')),
  column('Suspend', (object) =>
    (object.spec as Tree | undefined)?.['suspend'] === true ? 'True' : 'False',
  ),
  column('Active', (object) => listAt(object, 'status', 'active').length),
  column('Last Schedule', (object, now) => {
    const time = textAt(object, 'status', 'lastScheduleTime');
    return time === '' ? NONE : formatAge(time, now);
  }),
  AGE_COLUMN,
];

export const SERVICE_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  column('Type', (object) => textAt(object, 'spec', 'type') || 'ClusterIP'),
  column('Cluster-IP', (object) => textAt(object, 'spec', 'clusterIP') || NONE),
  column('External-IP', (object) => listAt(object, 'spec', 'externalIPs').join(',') || NONE),
  column('Port(s)', (object) => portsText(object)),
  AGE_COLUMN,
  column('Selector', (object) => labelsText((object.spec as Tree | undefined)?.['selector']), {
    wide: true,
  }),
];

const size = (...keys: string[]) =>
  column('Data', (object) => {
    const tree = object as unknown as Tree;
    const sizes = keys.map((key) => Object.keys((tree[key] as Tree | undefined) ?? {}).length);
    return sizes.reduce((a, b) => a + b, 0);
  });

export const CONFIG_MAP_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  size('data', 'binaryData'),
  AGE_COLUMN,
];

export const SECRET_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  column('Type', (object) => scalarText((object as unknown as Tree)['type'])),
  size('data'),
  AGE_COLUMN,
];

export const SERVICE_ACCOUNT_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  column('Secrets', (object) => ((object as unknown as Tree)['secrets'] as unknown[])?.length ?? 0),
  AGE_COLUMN,
];

export const BINDING_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  column('Role', (object) => {
    const role = (object as unknown as Tree)['roleRef'] as Tree | undefined;
    return `${role?.['kind'] as string}/${role?.['name'] as string}`;
  }),
  AGE_COLUMN,
];

export const DEFINITION_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  column('Created At', (object) => object.metadata.creationTimestamp ?? ''),
];

type Tree = Readonly<Record<string, unknown>>;

function scalarText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function textAt(object: KubeObject, part: 'spec' | 'status', key: string): string {
  const value = (object[part] as Tree | undefined)?.[key];
  return typeof value === 'string' ? value : '';
}

function countAt(object: KubeObject, part: 'spec' | 'status', key: string): number {
  const value = (object[part] as Tree | undefined)?.[key];
  return typeof value === 'number' ? value : 0;
}

function listAt(object: KubeObject, part: 'spec' | 'status', key: string): readonly unknown[] {
  const value = (object[part] as Tree | undefined)?.[key];
  return Array.isArray(value) ? value : [];
}

function formatReady(object: KubeObject): string {
  const wanted = (object.spec as Tree | undefined)?.['replicas'];
  return `${countAt(object, 'status', 'readyReplicas')}/${typeof wanted === 'number' ? wanted : 1}`;
}

function templateSpec(object: KubeObject): Tree | undefined {
  const template = (object.spec as Tree | undefined)?.['template'] as Tree | undefined;
  return template?.['spec'] as Tree | undefined;
}

function containers(object: KubeObject): readonly Tree[] {
  return (templateSpec(object)?.['containers'] ?? []) as readonly Tree[];
}

function listContainers(object: KubeObject): readonly string[] {
  return containers(object).map((container) => scalarText(container['name']));
}

function listImages(object: KubeObject): readonly string[] {
  return containers(object).map((container) => scalarText(container['image']));
}

function labelsText(labels: unknown): string {
  const pairs = Object.entries((labels ?? {}) as Readonly<Record<string, string>>);
  return pairs.map(([key, value]) => `${key}=${value}`).join(',') || NONE;
}

function selectorText(object: KubeObject): string {
  const selector = (object.spec as Tree | undefined)?.['selector'] as Tree | undefined;
  return labelsText(selector?.['matchLabels']);
}

function portsText(object: KubeObject): string {
  const ports = listAt(object, 'spec', 'ports') as readonly Tree[];
  const text = ports.map(({ port, nodePort, protocol = 'TCP' }) => {
    const number = [port, nodePort].map(scalarText).filter((part) => part !== '');
    return `${number.join(':')}/${scalarText(protocol)}`;
  });
  return text.join(',') || NONE;
}

function readinessGates(pod: KubeObject): string {
  const gates = listAt(pod, 'spec', 'readinessGates') as readonly Tree[];
  if (gates.length === 0) return NONE;
  const conditions = listAt(pod, 'status', 'conditions') as readonly Tree[];
  const passed = gates.filter(({ conditionType }) =>
    conditions.some(({ type, status }) => type === conditionType && status === 'True'),
  );
  return `${passed.length}/${gates.length}`;
}

function jobDuration(job: KubeObject, nowUnixUs: number): string {
  const startUs = parseRfc3339(textAt(job, 'status', 'startTime'));
  if (startUs === undefined) return '';
  const endUs = parseRfc3339(textAt(job, 'status', 'completionTime')) ?? nowUnixUs;
  return humanDuration(endUs - startUs);
}
