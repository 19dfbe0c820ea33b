/** Paths that name no objects: version, health, discovery, OpenAPI. */

import { rfc3339Micro } from '../../../core/time-text.ts';
import type { Registry } from '../registry/registry.ts';
import type { ApiServer } from '../server/server.ts';
import { PLAIN, type Shape } from './accept.ts';
import { createDiscovery } from './discovery.ts';
import { KUBEVIRT_SUBRESOURCES } from './kubevirt-discovery.ts';
import { createOpenApi, OPENAPI_V2_STUB } from '../openapi/openapi.ts';
import { openApiV2 } from '../openapi/openapi-v2.ts';
import { REVIEWS } from './reviews.ts';

export interface ServiceOptions {
  readonly registry: Registry;
  /** `127.0.0.1:6443`, as discovery tells it. */
  readonly serverAddress: string;
  /** How many simulated seconds pass in one of ours. */
  readonly speed: number;
  /** What the cluster stands for, as its clients are to know it; told as it is. */
  readonly twin?: object | undefined;
  /** Simulated time, microseconds since 1970. */
  readonly nowUnixUs: () => number;
}

/** The Kubernetes release that is simulated. */
const KUBERNETES_VERSION = 'v1.28.15';

export interface ServicePaths {
  /** The document at a path; undefined where none is. A string is plain text. */
  document(path: string, shape: Shape): unknown;
  /** The document for old kubectl, in protobuf. */
  openApiV2(): Uint8Array;
}

export function createServicePaths(options: ServiceOptions): ServicePaths {
  const current = serveDocuments(options);
  const document: ServicePaths['document'] = (path, shape) => {
    const { discovery, openApi } = current();
    switch (path) {
      case '/version':
      case '/version/':
        return describeVersion(options);
      case '/healthz':
      case '/livez':
      case '/readyz':
      case '/healthz/ping':
      case '/livez/ping':
      case '/readyz/ping':
        return 'ok';
      case '/':
        return { paths: ['/api', '/apis', '/healthz', '/openapi/v3', '/version'] };
      case '/openapi/v2':
        return OPENAPI_V2_STUB;
      case '/openapi/v3':
      case '/openapi/v3/':
        return openApi.index();
      case '/api':
      case '/apis':
        if (shape.kind === 'discovery') return discovery.aggregated(path, shape.version);
        return discovery.plain(path);
      default:
        if (path.startsWith('/openapi/v3/')) return openApi.document(path.slice(12));
        return discovery.plain(path);
    }
  };
  return { document, openApiV2: () => current().openApiV2() };
}

/** Discovery for clients inside the process; made once somebody asks. */
export function serveDiscovery(server: ApiServer, nowUnixUs: () => number): void {
  let paths: ServicePaths | undefined;
  server.addDocuments(({ path }) => {
    const { registry } = server;
    paths ??= createServicePaths({ registry, serverAddress: '', speed: 1, nowUnixUs });
    const body = paths.document(path, PLAIN);
    return body === undefined ? undefined : { status: 200, body };
  });
}

/** Documents about the kinds that are served, made anew when others are. */
function serveDocuments({ registry, serverAddress }: ServiceOptions) {
  const make = () => {
    const { definitions, revision } = registry;
    const virtual = [...REVIEWS, ...KUBEVIRT_SUBRESOURCES];
    let protobuf: Uint8Array | undefined;
    return {
      revision,
      discovery: createDiscovery(definitions, virtual, serverAddress),
      openApi: createOpenApi(definitions),
      openApiV2: () => (protobuf ??= openApiV2(definitions)),
    };
  };
  let made = make();
  return () => {
    if (made.revision !== registry.revision) made = make();
    return made;
  };
}

function describeVersion({ speed, twin, nowUnixUs }: ServiceOptions): unknown {
  const [major, minor] = KUBERNETES_VERSION.slice(1).split('.');
  return {
    major,
    minor,
    gitVersion: `${KUBERNETES_VERSION}+simulated`,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '2024-06-01T00:00:00Z',
    goVersion: '',
    compiler: '',
    platform: 'simulated/any',
    // Not of Kubernetes: tells clients that can read it what time it is, and its pace.
    simulation: { simulated: true, speed, time: rfc3339Micro(nowUnixUs()), ...(twin && { twin }) },
  };
}
