/** An API server without controllers: what is put there stays until somebody deletes it. */

import type { KubeObject } from '../../src/api/object.ts';
import type { Resource } from '../../src/api/resources.ts';
import type { ApiRequest, ApiResponse, Transport } from '../../src/api/transport.ts';
import { createRng } from '../../src/core/rng.ts';
import { createClient, type KubeClient } from '../../src/kube/client.ts';
import { collectionPath, objectPath } from '../../src/kube/paths.ts';
import { inProcessTransport } from '../../src/sim/apiserver/in-process.ts';
import { createApiServer } from '../../src/sim/apiserver/server/server.ts';
import { createKernel, type Kernel } from '../../src/sim/kernel/kernel.ts';

export interface BareCluster {
  readonly kernel: Kernel;
  readonly client: KubeClient;
  readonly requests: readonly ApiRequest[];
  /** Its UID. */
  put(resource: Resource, metadata: Partial<KubeObject['metadata']>, more?: object): string;
  /** Takes all finalizers off. */
  release(resource: Resource, name: string): void;
  names(resource: Resource): readonly string[];
  play<T>(main: () => Promise<T>): Promise<T>;
}

/** `meddle` may answer in the server's place. */
export function bareCluster(
  meddle: (request: ApiRequest) => Omit<ApiResponse, 'receivedUs'> | undefined = () => undefined,
): BareCluster {
  const kernel = createKernel();
  const server = createApiServer({ clock: kernel, rng: createRng(1) });
  const inner = inProcessTransport(server, {
    clock: kernel,
    roundTripUs: 10_000,
    watchDelayUs: 0,
  });
  const requests: ApiRequest[] = [];
  const transport: Transport = {
    watch: inner.watch,
    async request(request) {
      requests.push(request);
      const answer = meddle(request);
      if (answer === undefined) return inner.request(request);
      await kernel.sleep(10_000);
      return { ...answer, receivedUs: kernel.nowUs() };
    },
  };
  return {
    kernel,
    client: createClient(transport),
    requests,
    put(resource, metadata, more = {}) {
      const { group, version, kind } = resource;
      const apiVersion = group === '' ? version : `${group}/${version}`;
      const object = { apiVersion, kind, metadata, ...more } as KubeObject;
      return server.seed(object).metadata.uid ?? '';
    },
    release(resource, name) {
      const path = objectPath(resource, { namespace: 'lent', name });
      const body = { metadata: { finalizers: null } };
      const contentType = 'application/merge-patch+json';
      void server.handle({ method: 'PATCH', path, body, contentType });
    },
    names(resource) {
      const answer = server.handle({ method: 'GET', path: collectionPath(resource) });
      const { items } = (answer as { body: { items: readonly KubeObject[] } }).body;
      return items.map(({ metadata }) => metadata.name);
    },
    play: (main) => kernel.run(main, () => 'the cluster'),
  };
}
