/** A Prometheus, or what answers as one (Thanos), asked for ranges of values. */

import { Agent } from 'node:http';
import { type Transport, TransportError } from '../api/transport.ts';
import { SECOND } from '../core/duration.ts';
import { type MetricsSource, type MetricsWindow, QueryRefusal } from '../drive/metrics-source.ts';
import { createHttpsTransport } from '../kube/https-transport.ts';
import type { MetricSeries } from '../record/metric-entry.ts';
import type { ClusterAccess } from './cluster-handle.ts';

/** An answer that takes longer is not waited for. */
const ANSWER_US = 30 * SECOND;

export interface PrometheusPlace {
  /** In messages; its address where undefined. */
  readonly name?: string;
  /** Certificates that are trusted beside the cluster's and the public ones. */
  readonly authorities?: readonly string[];
}

/** At this address, with the token of the cluster's kubeconfig. */
export function prometheusAt(
  server: string,
  { connection, clock, userAgent }: Pick<ClusterAccess, 'connection' | 'clock' | 'userAgent'>,
  { name = server, authorities = [] }: PrometheusPlace = {},
): MetricsSource {
  return {
    async read(query, window) {
      const transport = await createHttpsTransport({
        connection: {
          ...connection,
          server,
          agent: (socketsMax) =>
            server.startsWith('http:')
              ? Promise.resolve(new Agent({ keepAlive: true, maxSockets: socketsMax }))
              : connection.agent(socketsMax, authorities),
        },
        clock,
        userAgent,
        socketsMax: 1,
        timeoutUs: ANSWER_US,
      });
      try {
        return await readRange(transport, { path: '', name }, query, window);
      } finally {
        transport.close();
      }
    },
  };
}

/** Behind the API server's proxy. */
export function prometheusBehind(
  transport: Pick<Transport, 'request'>,
  path: string,
): MetricsSource {
  return { read: (query, window) => readRange(transport, { path, name: path }, query, window) };
}

async function readRange(
  transport: Pick<Transport, 'request'>,
  { path, name }: { readonly path: string; readonly name: string },
  query: string,
  window: MetricsWindow,
): Promise<readonly MetricSeries[]> {
  const { status, body } = await transport.request({
    method: 'GET',
    path: `${path}${QUERY_RANGE}`,
    query: { query, ...rangeOf(window) },
  });
  return readMatrix(body, `${name}${QUERY_RANGE} (${status})`);
}

const QUERY_RANGE = '/api/v1/query_range';

function rangeOf({ fromUs, untilUs, everyUs }: MetricsWindow) {
  const seconds = (us: number) => String(us / SECOND);
  return { start: seconds(fromUs), end: seconds(untilUs), step: seconds(everyUs) };
}

interface Answer {
  readonly status?: string;
  readonly error?: string;
  readonly errorType?: string;
  readonly data?: {
    readonly resultType?: string;
    readonly result?: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly values: readonly (readonly [number, string])[];
    }[];
  };
}

/** Of a question that is not understood, or cannot be worked out. */
const REFUSALS: ReadonlySet<string> = new Set(['bad_data', 'execution']);

/** Values that are no numbers (a quantile of nothing is NaN) say nothing, and are left out. */
function readMatrix(body: unknown, where: string): readonly MetricSeries[] {
  const { status, error, errorType = '', data } = (body ?? {}) as Answer;
  if (error !== undefined && REFUSALS.has(errorType)) throw new QueryRefusal(`${where}: ${error}`);
  if (status !== 'success' || data?.resultType !== 'matrix' || data.result === undefined) {
    throw new TransportError(`${where}: ${error ?? 'is no answer of a Prometheus'}`, false);
  }
  return data.result.map(({ metric, values }) => ({
    labels: metric,
    values: values.flatMap(([seconds, text]) => {
      const value = Number(text);
      return Number.isFinite(value) ? [[Math.round(seconds * SECOND), value] as const] : [];
    }),
  }));
}
