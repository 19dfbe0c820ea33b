/**
 * What an API server counts of its clients, under the names of kube-apiserver's metrics. The
 * simulation does not tell network from server, so the duration of a request is its whole round
 * trip.
 */

import { hasFlag } from '../core/query.ts';
import type { Clock } from '../../../core/clock.ts';
import { SECOND } from '../../../core/duration.ts';
import type { Labels, MetricFamily, MetricSample } from '../../monitoring/family.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import type { Registry } from '../registry/registry.ts';
import { findRoute } from '../registry/routes.ts';
import type { Context } from '../requests/context.ts';
import type { OpenWatch, WatchReceiver } from '../requests/watch.ts';

export interface MeteredRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
}

export type Answered = (code: number | undefined) => void;

export interface Meter {
  /** A request has come in; the code of its answer comes later, undefined where none arrives. */
  requested(request: MeteredRequest): Answered;
  /** Opens a watch, with a receiver that counts. */
  watched(
    definition: KindDefinition,
    receiver: WatchReceiver,
    open: (counting: WatchReceiver) => OpenWatch,
  ): OpenWatch;
  families(): readonly MetricFamily[];
}

/** Seconds (kubernetes v1.28 apiserver/pkg/endpoints/metrics/metrics.go, requestLatencies). */
const BOUNDS = '0.005 0.025 0.05 0.1 0.2 0.4 0.6 0.8 1 1.25 1.5 2 3 4 5 6 8 10 15 20 30 45 60'
  .split(' ')
  .map(Number);

interface Cell {
  readonly labels: Labels;
  value: number;
}

interface Histogram {
  readonly buckets: readonly Cell[];
  readonly sum: Cell;
  readonly count: Cell;
}

export function createMeter(
  { registry, store }: Pick<Context, 'registry' | 'store'>,
  clock: Pick<Clock, 'nowUs'>,
): Meter {
  const counts = createCounts();
  const { totals, durations, inFlight, watches, sent } = counts;
  return {
    requested(request) {
      const startUs = clock.nowUs();
      const gauge = inFlight[request.method === 'GET' ? 'readOnly' : 'mutating'];
      gauge.value += 1;
      return (code) => {
        gauge.value -= 1;
        if (code === undefined) return;
        const asked = readLabels(registry, request);
        totals.of({ ...asked, code: String(code) }).value += 1;
        observe(durations.of(asked), (clock.nowUs() - startUs) / SECOND);
      };
    },
    watched({ resource: { group, version, plural, kind } }, receiver, open) {
      const running = watches.of({ verb: 'WATCH', group, version, resource: plural });
      const events = sent.of({ group, version, kind });
      return countedWatch({ running, events }, receiver, open);
    },
    families: () => [...clientFamilies(counts), storageObjects({ registry, store })],
  };
}

type Counts = ReturnType<typeof createCounts>;

function createCounts() {
  return {
    totals: createKept<Labels, Cell>((labels) => ({ labels, value: 0 })),
    durations: createKept<AskedLabels, Histogram>(createHistogram),
    inFlight: { readOnly: { value: 0 }, mutating: { value: 0 } },
    watches: createKept<Labels, Cell>((labels) => ({ labels, value: 0 })),
    sent: createKept<Labels, Cell>((labels) => ({ labels, value: 0 })),
  };
}

function clientFamilies(counts: Counts): readonly MetricFamily[] {
  const { totals, durations, inFlight, watches, sent } = counts;
  return [
    {
      name: 'apiserver_request_total',
      help: 'Requests by verb, resource and code of the answer.',
      type: 'counter',
      samples: samplesOf(totals.all()),
    },
    {
      name: 'apiserver_request_duration_seconds',
      help: 'Round trip of a request, simulated, in seconds.',
      type: 'histogram',
      samples: durations.all().flatMap(histogramSamples),
    },
    {
      name: 'apiserver_current_inflight_requests',
      help: 'Requests under way.',
      type: 'gauge',
      samples: Object.entries(inFlight).map(([kind, { value }]) => ({
        labels: { request_kind: kind },
        value,
      })),
    },
    {
      name: 'apiserver_longrunning_requests',
      help: 'Open watches by resource.',
      type: 'gauge',
      samples: samplesOf(watches.all()),
    },
    {
      name: 'apiserver_watch_events_total',
      help: 'Events sent to watches.',
      type: 'counter',
      samples: samplesOf(sent.all()),
    },
  ];
}

function countedWatch(
  { running, events }: { readonly running: Cell; readonly events: Cell },
  receiver: WatchReceiver,
  open: (counting: WatchReceiver) => OpenWatch,
): OpenWatch {
  let isOver = false;
  running.value += 1;
  const end = () => {
    if (!isOver) running.value -= 1;
    isOver = true;
  };
  const counting: WatchReceiver = {
    event(event) {
      events.value += 1;
      receiver.event(event);
    },
    ended() {
      end();
      receiver.ended();
    },
  };
  try {
    const { stop } = open(counting);
    return {
      stop() {
        end();
        stop();
      },
    };
  } catch (refusal) {
    end();
    throw refusal;
  }
}

function storageObjects({ registry, store }: Pick<Context, 'registry' | 'store'>): MetricFamily {
  const stored = registry.definitions.filter(({ storedAs }) => !storedAs);
  return {
    name: 'apiserver_storage_objects',
    help: 'Objects stored, by resource.',
    type: 'gauge',
    samples: stored.map((definition) => {
      const { plural, group } = definition.resource;
      const resource = group === '' ? plural : `${plural}.${group}`;
      return { labels: { resource }, value: store.collection(definition).size };
    }),
  };
}

type AskedLabels = Readonly<
  Record<'verb' | 'group' | 'version' | 'resource' | 'subresource', string>
>;

/** Empty where the path names no resource, as kube-apiserver counts what it does not serve. */
function readLabels(registry: Registry, { method, path, query = {} }: MeteredRequest): AskedLabels {
  const target = routeOf(registry, path);
  const { group = '', version = '', plural = '' } = target?.asked.resource ?? {};
  const isCollection = target !== undefined && target.name === undefined;
  const verb = verbOf(method, isCollection, query);
  return { verb, group, version, resource: plural, subresource: target?.subresource ?? '' };
}

function routeOf(registry: Registry, path: string) {
  try {
    return findRoute(registry, path);
  } catch {
    // A bad escape is refused where it is answered; here it is a path without a resource.
    return undefined;
  }
}

function verbOf(
  method: string,
  isCollection: boolean,
  query: NonNullable<MeteredRequest['query']>,
): string {
  if (method === 'GET' && hasFlag(query, 'watch')) return 'WATCH';
  if (method === 'GET' && isCollection) return 'LIST';
  return method === 'DELETE' && isCollection ? 'DELETECOLLECTION' : method;
}

/** One for each set of labels, made when it is first asked for. */
function createKept<L extends Labels, T>(make: (labels: L) => T) {
  const kept = new Map<string, T>();
  return {
    of(labels: L): T {
      const key = Object.values(labels).join(' ');
      const known = kept.get(key);
      if (known) return known;
      const made = make(labels);
      kept.set(key, made);
      return made;
    },
    all: (): readonly T[] => [...kept.values()],
  };
}

function samplesOf(cells: readonly Cell[]): readonly MetricSample[] {
  return cells.map(({ labels, value }) => ({ labels, value }));
}

function createHistogram(labels: AskedLabels): Histogram {
  const bounds = [...BOUNDS.map(String), '+Inf'];
  return {
    buckets: bounds.map((le) => ({ labels: { ...labels, le }, value: 0 })),
    sum: { labels, value: 0 },
    count: { labels, value: 0 },
  };
}

function observe({ buckets, sum, count }: Histogram, seconds: number): void {
  for (const [i, bucket] of buckets.entries()) {
    if (seconds <= (BOUNDS[i] ?? Number.POSITIVE_INFINITY)) bucket.value += 1;
  }
  sum.value += seconds;
  count.value += 1;
}

function histogramSamples({ buckets, sum, count }: Histogram): readonly MetricSample[] {
  return [
    ...buckets.map((cell) => ({ suffix: '_bucket' as const, ...cell })),
    { suffix: '_sum', ...sum },
    { suffix: '_count', ...count },
  ];
}
