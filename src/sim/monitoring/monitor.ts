/**
 * Serves what is monitored: `/metrics` as of now, and a Prometheus behind the API server's proxy,
 * where kube-prometheus has its own. In-process clients and those on a wire come the same way.
 */

import { PROMETHEUS_SERVICE } from '../../api/monitoring.ts';
import type { Clock } from '../../core/clock.ts';
import { SCRAPE_INTERVAL } from '../../parameters/monitoring.ts';
import { expositionText } from './exposition.ts';
import { type Collect, mergeFamilies } from './family.ts';
import { type PrometheusRequest, startPrometheus } from './prometheus.ts';

export interface MonitorOptions {
  readonly clock: Clock;
  /** One a component. */
  readonly sources: readonly Collect[];
  /** So many scrapes at least are remembered; all where absent. */
  readonly scrapesKept?: number | undefined;
}

interface Document {
  readonly status: number;
  readonly body: unknown;
}

/** Scrapes from now on; the function answers what is read at a path, undefined where nothing is. */
export function monitorCluster(
  options: MonitorOptions,
): (request: PrometheusRequest) => Document | undefined {
  const { clock, sources, scrapesKept } = options;
  const collect = () => mergeFamilies(sources.flatMap((source) => source()));
  const scrapeIntervalUs = SCRAPE_INTERVAL.value;
  const prometheus = startPrometheus({ clock, collect, scrapeIntervalUs, scrapesKept });
  return (request) => {
    const { path } = request;
    if (path === '/metrics') return { status: 200, body: expositionText(collect()) };
    if (!path.startsWith(`${PROMETHEUS_SERVICE}/`)) return undefined;
    const behind = path.slice(PROMETHEUS_SERVICE.length);
    return prometheus.answer({ ...request, path: behind }) ?? NOTHING;
  };
}

const NOTHING: Document = { status: 404, body: '404 page not found\n' };
