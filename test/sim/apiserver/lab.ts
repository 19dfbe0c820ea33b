/** A server alone, spoken to without a wire: answers at once, watches collected in arrays. */

import type { KubeObject, Status } from '../../../src/api/object.ts';
import type { Method, WatchEvent } from '../../../src/api/transport.ts';
import { createRng } from '../../../src/core/rng.ts';
import type { Answer } from '../../../src/sim/apiserver/requests/handle.ts';
import type { ServerRequest } from '../../../src/sim/apiserver/requests/write-options.ts';
import { type ApiServer, createApiServer } from '../../../src/sim/apiserver/server/server.ts';
import { createKernel, type Kernel } from '../../../src/sim/kernel/kernel.ts';

export interface Lab {
  readonly kernel: Kernel;
  readonly server: ApiServer;
  send(method: Method, path: string, body?: unknown, rest?: Partial<ServerRequest>): Answer;
  /** Sends and expects success. */
  ok(method: Method, path: string, body?: unknown, rest?: Partial<ServerRequest>): KubeObject;
  /** Sends and expects a failure. */
  refused(method: Method, path: string, body?: unknown, rest?: Partial<ServerRequest>): Status;
  watch(path: string, query?: Readonly<Record<string, string>>): Watched;
}

interface Watched {
  readonly events: WatchEvent[];
  readonly ended: boolean;
  readonly refusal: Status | undefined;
  stop(): void;
}

export const MERGE = { contentType: 'application/merge-patch+json' };
export const JSON_PATCH = { contentType: 'application/json-patch+json' };
export const MAPS = '/api/v1/namespaces/default/configmaps';
export const PODS = '/api/v1/namespaces/default/pods';
export const VOLUMES = '/apis/cdi.kubevirt.io/v1beta1/namespaces/default/datavolumes';
export const VMIS = '/apis/kubevirt.io/v1/namespaces/default/virtualmachineinstances';

export function createLab(historyLength = 1000): Lab {
  const kernel = createKernel();
  const server = createApiServer({ clock: kernel, rng: createRng(7), historyLength });
  const send: Lab['send'] = (method, path, body, rest = {}) => {
    const answer = server.handle({ method, path, body, ...rest });
    if (answer instanceof Promise) throw new Error(`${path} is aggregated`);
    return answer;
  };
  return {
    kernel,
    server,
    send,
    ok(method, path, body, rest) {
      const answer = send(method, path, body, rest);
      if (answer.status >= 400) throw new Error(JSON.stringify(answer.body));
      return answer.body as KubeObject;
    },
    refused(method, path, body, rest) {
      const answer = send(method, path, body, rest);
      if (answer.status < 400) throw new Error(`${method} ${path} succeeded`);
      return answer.body as Status;
    },
    watch: (path, query = {}) => watchInto(server, path, query),
  };
}

function watchInto(
  server: ApiServer,
  path: string,
  query: Readonly<Record<string, string>>,
): Watched {
  const events: WatchEvent[] = [];
  const state = { ended: false };
  const opened = server.watch(
    { path, query },
    {
      event: (event) => events.push(event),
      ended: () => {
        state.ended = true;
      },
    },
  );
  const refusal = 'stop' in opened ? undefined : opened;
  return {
    events,
    refusal,
    get ended() {
      return state.ended;
    },
    stop: () => {
      if ('stop' in opened) opened.stop();
    },
  };
}

export function configMap(name: string, rest: Partial<KubeObject['metadata']> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...rest } };
}

export function dataVolume(name: string, rest: Partial<KubeObject['metadata']> = {}): KubeObject {
  return {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: { name, ...rest },
    spec: { source: { blank: {} } },
  };
}

export function pod(name: string, rest: Partial<KubeObject['metadata']> = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...rest },
    spec: { containers: [{ name: 'compute' }] },
  };
}

/** `ADDED a`, `DELETED b`, ... */
export function told(events: readonly WatchEvent[]): string[] {
  return events.map(({ type, object }) => `${type} ${object.metadata.name}`);
}
