/** A Transport that a test plays by hand: it says what a list gives and when a watch speaks. */

import type { KubeObject, Status } from '../../src/api/object.ts';
import type { ApiRequest, ApiResponse, Transport, WatchSink } from '../../src/api/transport.ts';
import type { Clock } from '../../src/core/clock.ts';

export interface ScriptedWatch {
  readonly query: Readonly<Record<string, string>>;
  readonly sink: WatchSink;
  stopped: boolean;
}

export interface ScriptedTransport extends Transport {
  /** May be put in the place of another one. */
  watch: Transport['watch'];
  readonly requests: ApiRequest[];
  readonly watches: ScriptedWatch[];
}

/** `answer` gives the status and the body of each request; it may throw a TransportError. */
export function scriptedTransport(
  clock: Clock,
  answer: (request: ApiRequest) => { readonly status: number; readonly body: unknown },
): ScriptedTransport {
  const requests: ApiRequest[] = [];
  const watches: ScriptedWatch[] = [];
  return {
    requests,
    watches,
    async request(request): Promise<ApiResponse> {
      requests.push(request);
      await clock.sleep(10_000);
      return { ...answer(request), receivedUs: clock.nowUs() };
    },
    watch({ query }, sink) {
      const watch = { query, sink, stopped: false };
      watches.push(watch);
      return () => {
        watch.stopped = true;
      };
    },
  };
}

export function configMap(name: string, version: number): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'ns', uid: `uid-${name}`, resourceVersion: String(version) },
  };
}

export function goneStatus(): Status {
  return {
    apiVersion: 'v1',
    kind: 'Status',
    metadata: {},
    status: 'Failure',
    reason: 'Expired',
    message: 'too old resource version: 1 (9)',
    code: 410,
  };
}

export function listOf(objects: readonly KubeObject[], version: number, next = ''): unknown {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMapList',
    metadata: { resourceVersion: String(version), ...(next === '' ? {} : { continue: next }) },
    items: objects,
  };
}
