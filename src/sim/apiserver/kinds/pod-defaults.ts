/**
 * What the server fills into a pod: defaults of its kind, and what the admission plugins that every
 * cluster runs add (ServiceAccount, DefaultTolerationSeconds, Priority). Tokens of service accounts
 * are not mounted here.
 */

import { NOT_READY, TOLERATION_SECONDS, UNREACHABLE } from '../../../api/taints.ts';
import type { KubeObject } from '../../../api/object.ts';
import { deepFreeze } from '../../../core/json.ts';

type Tree = Readonly<Record<string, unknown>>;

const POD_DEFAULTS: Tree = deepFreeze({
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  dnsPolicy: 'ClusterFirst',
  schedulerName: 'default-scheduler',
  securityContext: {},
  enableServiceLinks: true,
});

/** Of admission plugins, at creation. */
const PLUGIN_DEFAULTS: Tree = deepFreeze({
  serviceAccountName: 'default',
  priority: 0,
  preemptionPolicy: 'PreemptLowerPriority',
});

interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly effect?: string;
}

const [FIVE_MINUTES_UNREADY, FIVE_MINUTES_UNREACHABLE] = deepFreeze(
  [NOT_READY, UNREACHABLE].map((key) => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: TOLERATION_SECONDS,
  })),
);
const DEFAULT_TOLERATIONS = deepFreeze([FIVE_MINUTES_UNREADY, FIVE_MINUTES_UNREACHABLE]);

export function podDefaults(pod: KubeObject): KubeObject {
  const spec = (pod.spec ?? {}) as Tree;
  const filled: Record<string, unknown> = { ...spec };
  let changed = false;
  const set = (key: string, value: unknown) => {
    if (filled[key] === value) return;
    filled[key] = value;
    changed = true;
  };
  const fill = (defaults: Tree) => {
    for (const key in defaults) if (filled[key] === undefined) set(key, defaults[key]);
  };
  fill(POD_DEFAULTS);
  if (pod.metadata.resourceVersion === undefined) fill(PLUGIN_DEFAULTS);
  if (filled['serviceAccountName']) set('serviceAccount', filled['serviceAccountName']);
  set('containers', withManners(filled['containers']));
  if (filled['initContainers']) set('initContainers', withManners(filled['initContainers']));
  set('tolerations', withDefaultTolerations(filled['tolerations']));
  return changed ? { ...pod, spec: filled } : pod;
}

interface Container {
  readonly image?: string;
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string>>;
    readonly limits?: Readonly<Record<string, string>>;
  };
}

/** Guaranteed, Burstable or BestEffort, by cpu and memory (kubernetes core helper/qos). */
export function qualityOfService(pod: KubeObject): string {
  const { containers = [] } = (pod.spec ?? {}) as { readonly containers?: readonly Container[] };
  let asks = false;
  let guaranteed = true;
  for (const { resources } of containers) {
    for (const name of ['cpu', 'memory']) {
      const limit = resources?.limits?.[name];
      const request = resources?.requests?.[name];
      if (limit !== undefined || request !== undefined) asks = true;
      if (limit === undefined || (request !== undefined && request !== limit)) guaranteed = false;
    }
  }
  if (!asks) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

/** The same list where every container says all. */
function withManners(containers: unknown): unknown {
  if (!Array.isArray(containers)) return containers;
  const list = containers as readonly (Tree & Container)[];
  const filled = list.map(withContainerDefaults);
  return filled.every((each, index) => each === list[index]) ? containers : filled;
}

function withContainerDefaults(container: Tree & Container): Tree {
  if (container === null || typeof container !== 'object') return container;
  const said =
    container['terminationMessagePath'] !== undefined &&
    container['terminationMessagePolicy'] !== undefined &&
    container['imagePullPolicy'] !== undefined &&
    container['resources'] !== undefined;
  if (said) return container;
  return {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: pullPolicy(container.image),
    ...container,
  };
}

/** An image without a tag, or with `latest`, is asked for each time. */
function pullPolicy(image: unknown): string {
  const last = (typeof image === 'string' ? image : '').split('/').at(-1) ?? '';
  const tagged = last.includes('@') || (last.includes(':') && !last.endsWith(':latest'));
  return tagged ? 'IfNotPresent' : 'Always';
}

function withDefaultTolerations(tolerations: unknown): unknown {
  if (!Array.isArray(tolerations)) return DEFAULT_TOLERATIONS;
  const list = tolerations as readonly Toleration[];
  const missing = DEFAULT_TOLERATIONS.filter(
    (own) => !list.some((each) => tolerates(each, own?.key ?? '')),
  );
  return missing.length === 0 ? tolerations : [...list, ...missing];
}

function tolerates({ key, operator, effect }: Toleration, taint: string): boolean {
  if (effect !== undefined && effect !== '' && effect !== 'NoExecute') return false;
  return key === taint || (!key && operator === 'Exists');
}
