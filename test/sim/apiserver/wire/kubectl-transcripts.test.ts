/**
 * What kubectl 1.27 to 1.33 sent in one and the same session of some sixty commands (create, get in
 * all forms, wait, apply both ways, patch in all types, delete in all ways), replayed: each request
 * gets the status and the kind of answer with which that kubectl was content.
 */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { KubeObject } from '../../../../src/api/object.ts';
import { seedCustomResourceDefinitions } from '../../../../src/sim/apiserver/custom/crds.ts';
import { findRoute } from '../../../../src/sim/apiserver/registry/routes.ts';
import { createServicePaths } from '../../../../src/sim/apiserver/wire/service-paths.ts';
import {
  createWire,
  isWatch,
  type WireAnswer,
  type WireRequest,
} from '../../../../src/sim/apiserver/wire/wire.ts';
import { createLab, type Lab } from '../lab.ts';

interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: unknown;
}

interface Transcripts {
  /** The different requests of all versions. */
  readonly requests: readonly Recorded[];
  /** By version: which request, the status, and the kind of the body. */
  readonly sessions: Readonly<Record<string, readonly (readonly [number, number, string])[]>>;
}

const fixture = new URL('../../../fixtures/kubectl-transcripts.json', import.meta.url);
const { requests, sessions } = JSON.parse(readFileSync(fixture, 'utf8')) as Transcripts;

test.each(Object.entries(sessions))('kubectl %s', (version, steps) => {
  const lab = createLab();
  const { registry } = lab.server;
  const nowUnixUs = () => lab.kernel.wallUs();
  const options = { registry, serverAddress: '127.0.0.1:6443', speed: 1, nowUnixUs };
  seedCustomResourceDefinitions(lab.server, '2024-06-01T00:00:00Z');
  const wire = createWire(lab.server, createServicePaths(options), nowUnixUs);
  for (const [index, status, kind] of steps) {
    const request = present(lab, requests[index] as Recorded, version);
    const label = `${request.method} ${request.path} ${JSON.stringify(request.query)}`;
    const answer = isWatch(request) ? opened(wire.watch(request, DEAF)) : wire.respond(request);
    const { body } = answer as WireAnswer;
    expect([label, (answer as WireAnswer).status, kindOf(body)]).toEqual([label, status, kind]);
  }
});

const DEAF = { event: () => {}, ended: () => {} };

function opened(answer: object): Pick<WireAnswer, 'status' | 'body'> {
  return 'stop' in answer ? { status: 200, body: undefined } : (answer as WireAnswer);
}

function kindOf(body: unknown): string {
  if (body instanceof Uint8Array) return 'bytes';
  return (body as { readonly kind?: string } | undefined)?.kind ?? typeof body;
}

/** The request with the versions and identities of this server in place of the recorded ones. */
function present(lab: Lab, recorded: Recorded, version: string): WireRequest {
  const { query, body } = recorded;
  const target = findRoute(lab.server.registry, recorded.path);
  const object =
    target?.name === undefined
      ? undefined
      : lab.server.peek(target.definition.resource, target.namespace, target.name);
  const { resourceVersion } = query;
  const known = resourceVersion === undefined ? {} : { resourceVersion: `${lab.server.version}` };
  return {
    ...recorded,
    accept: recorded.accept,
    contentType: recorded.contentType,
    query: { ...query, ...known },
    body: withIdentity(body, object),
    userAgent: `kubectl/v${version}`,
    user: { username: 'admin', groups: [] },
  };
}

function withIdentity(body: unknown, object: KubeObject | undefined): unknown {
  if (object === undefined || body === null || typeof body !== 'object') return body;
  const { resourceVersion, uid } = object.metadata;
  if (Array.isArray(body)) {
    return body.map((operation: Readonly<Record<string, unknown>>) =>
      operation['path'] === '/metadata/resourceVersion'
        ? { ...operation, value: resourceVersion }
        : operation,
    );
  }
  const { metadata, preconditions } = body as {
    readonly metadata?: Readonly<Record<string, unknown>>;
    readonly preconditions?: unknown;
  };
  return {
    ...body,
    ...(metadata?.['resourceVersion'] ? { metadata: { ...metadata, resourceVersion, uid } } : {}),
    ...(preconditions ? { preconditions: { uid } } : {}),
  };
}
