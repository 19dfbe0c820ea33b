/**
 * Sequences of applies and updates by several managers, whose outcome the field manager of
 * Kubernetes itself decided (k8s.io/apimachinery v0.32 util/managedfields, client-go's schemas).
 */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { KubeObject } from '../../../src/api/object.ts';
import { createLab, type Lab, MAPS } from './lab.ts';

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

interface Step {
  readonly op: 'apply' | 'update';
  readonly manager: string;
  readonly force: boolean;
  readonly object: KubeObject;
  readonly conflict?: boolean;
  readonly live?: Readonly<Record<string, unknown>>;
}

const fixture = new URL('../../fixtures/server-side-apply.json', import.meta.url);
const scenarios = JSON.parse(readFileSync(fixture, 'utf8')) as readonly (readonly Step[])[];

test.each(scenarios.map((steps, i) => [i, steps] as const))('sequence %i', (_, steps) => {
  const lab = createLab();
  let exists = false;
  for (const step of steps) {
    const answer = perform(lab, step, exists);
    expect(answer.status === 409).toBe(step.conflict ?? false);
    if (step.conflict) continue;
    exists = true;
    expect(essence(answer.body as KubeObject)).toEqual(step.live);
  }
});

function perform(lab: Lab, { op, manager, force, object }: Step, exists: boolean) {
  const path = object.kind === 'Pod' ? DEPLOYMENTS : MAPS;
  const query = { fieldManager: manager, ...(force ? { force: 'true' } : {}) };
  const body = structuredClone(object.kind === 'Pod' ? asTemplate(object) : object);
  if (op === 'apply') {
    const contentType = 'application/apply-patch+yaml';
    return lab.send('PATCH', `${path}/m`, body, { contentType, query });
  }
  return exists
    ? lab.send('PUT', `${path}/m`, body, { query })
    : lab.send('POST', path, body, { query });
}

/** The field manager lets containers come and go; the server does so in templates only. */
function asTemplate({ metadata, spec }: KubeObject): KubeObject {
  const template = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { template: { spec } },
  };
  return template as KubeObject;
}

/** What the fixture holds: the client's fields. */
function essence(object: KubeObject): Record<string, unknown> {
  const { data, spec } = object as KubeObject & {
    readonly data?: unknown;
    readonly spec?: { readonly template?: { readonly spec?: unknown } };
  };
  const { labels, finalizers } = object.metadata;
  const own = spec?.template?.spec;
  return {
    ...(data ? { data } : {}),
    ...(own ? { spec: own } : {}),
    ...(labels ? { labels } : {}),
    ...(finalizers ? { finalizers } : {}),
  };
}
