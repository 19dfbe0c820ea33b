/** May we do what the run does? The server is asked, verb by verb and place by place. */

import type { KubeClient } from '../kube/client.ts';
import { findKind } from '../kube/find-kind.ts';
import { type CheckLab, type Finding, fail, isHomeAbsent, pass, warn } from './check.ts';
import { type KindRight, rightNeeds } from './kind-rights.ts';
import { type Need, listNeeds, type Permission, permissionsText } from './permissions.ts';

export async function checkPermissions(lab: CheckLab): Promise<readonly Finding[]> {
  const { client, demand } = lab;
  const makesNamespace = demand.makesNamespace || (await isHomeAbsent(lab));
  const named = await Promise.all(demand.kinds.map((right) => needsOnKind(client, right)));
  const onKinds = named.flatMap((needs) => needs ?? []);
  const needs = [...listNeeds('run', { ...demand, makesNamespace }), ...onKinds];
  const unserved = new Set(
    demand.kinds.flatMap(({ kind }, i) => (named[i] === undefined ? [kind] : [])),
  );
  return [...(await askFor(client, needs)), ...[...unserved].map(unservedKind)];
}

/** Undefined where the server serves no such kind. */
async function needsOnKind(
  client: KubeClient,
  right: KindRight,
): Promise<readonly Need[] | undefined> {
  const resource = await findKind(client, right);
  return resource && rightNeeds(right, resource);
}

/** An earlier step may bring the operator that brings the kind. */
function unservedKind(kind: string): Finding {
  const found = `no ${kind} is served so far, so that rights on it cannot be asked about`;
  return warn('permissions', found, 'go on where a step of the scenario brings it, or install it');
}

/** One failure that names all that is missing, and a warning for each thing that will be lost. */
export async function askFor(
  client: KubeClient,
  needs: readonly Need[],
): Promise<readonly Finding[]> {
  const answers = await Promise.all(needs.map(({ permission }) => isAllowed(client, permission)));
  const refused = needs.filter((_, index) => !answers[index]);
  if (refused.length === 0) return [pass('permissions', `${needs.length} rights are there`)];
  const required = refused.filter(({ lost }) => lost === undefined);
  const losses = new Set(refused.flatMap(({ lost }) => lost ?? []));
  return [
    ...(required.length === 0
      ? []
      : [fail('permissions', `not allowed: ${listText(required)}`, 'bind the roles of deploy/')]),
    ...[...losses].map((loss) => {
      const list = listText(refused.filter(({ lost }) => lost === loss));
      const found = `not allowed: ${list}; without it ${loss}`;
      return warn('permissions', found, 'bind the roles of deploy/, or do without');
    }),
  ];
}

function listText(needs: readonly Need[]): string {
  return permissionsText(needs.map(({ permission }) => permission));
}

async function isAllowed(client: KubeClient, resourceAttributes: Permission): Promise<boolean> {
  const { body } = await client.raw({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes },
    },
  });
  return (body as { status?: { allowed?: boolean } }).status?.allowed === true;
}
