/**
 * The names of metrics, images, arms and stages as people say them, on every surface: files for
 * programs keep the ids.
 */

import { metricHeading } from './metric-sets.ts';
import type { Staged } from './metrics.ts';

/** Of what something is told: an image or template, how it came by its disk, one of its stages. */
interface Variant {
  readonly image?: string | undefined;
  readonly template?: string | undefined;
  readonly source?: string | undefined;
  readonly path?: string | undefined;
  readonly stage?: string | undefined;
}

/** `guest ready`, `slowest clone of a wave`; what is in no catalogue has its own name. */
export function metricText(metric: string): string {
  return metricHeading(metric) ?? metric;
}

/** `RHEL 9 guest ready p95`, `RHEL 9 snapshot clone success`: one figure of many. */
export function figureName(figure: Variant & { metric: string; statistic: string }): string {
  const { metric, statistic } = figure;
  const what = statistic === 'successShare' ? 'success' : statistic;
  return `${variantText(figure)} ${metricText(metric)} ${what}`.trimStart();
}

const KNOWN: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^rhel-?(\d+)$/, 'RHEL $1'],
  [/^(?:windows|win)-?(\d+)$/, 'Windows $1'],
  [/^fedora-?(\d*)$/, 'Fedora $1'],
  [/^centos-?(\d*)$/, 'CentOS $1'],
];

/** `RHEL 9` for `rhel9`: how people write the systems that scenarios name; others as they are. */
export function displayName(key: string): string {
  for (const [pattern, name] of KNOWN) {
    if (pattern.test(key)) return key.replace(pattern, name).trim();
  }
  return key;
}

/** `PVC`, `snapshot`, `http`. */
export function sourceText(source: string): string {
  return source === 'pvc' ? 'PVC' : source;
}

/** `RHEL 9 snapshot`; `RHEL 9 snapshot via copy` for clones that took another path. */
export function variantText({ image, source, template, path, stage }: Variant): string {
  const what = image ?? template;
  const parts = [
    what === undefined ? undefined : displayName(what),
    source === undefined ? undefined : sourceText(source),
    path === undefined ? undefined : `via ${path}`,
    stage,
  ];
  return parts.filter((part) => part !== undefined).join(' ');
}

/** In the words of `status.phase`, where the cluster has some. */
const STAGE_NAMES = {
  clone: {
    created: 'Pending',
    scheduled: 'CloneScheduled',
    inProgress: 'CloneInProgress',
    rebind: 'RebindInProgress',
  },
  boot: {
    startAsked: 'start request',
    created: 'Pending',
    scheduling: 'Scheduling',
    scheduled: 'Scheduled',
    running: 'guest boot',
    guestReady: 'until it answers',
  },
} as const;

/** A stage as the cluster calls it: `CloneInProgress`, `Scheduling`. */
export function stageText(of: Staged, stage: string): string {
  const names: Readonly<Record<string, string>> = STAGE_NAMES[of];
  return names[stage] ?? stage;
}
