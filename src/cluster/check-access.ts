/** May we do what the run does, would the server take our objects, and has somebody been here? */

import { DATA_VOLUMES, NAMESPACES, type Resource, VIRTUAL_MACHINES } from '../api/resources.ts';
import { parseRfc3339 } from '../core/time-text.ts';
import { formatDuration, SECOND } from '../core/duration.ts';
import { ApiError } from '../kube/api-error.ts';
import { SIMULATION_HEADER } from '../kube/connection.ts';
import { collectionPath } from '../kube/paths.ts';
import { type CheckLab, type Finding, fail, find, findAll, pass, warn } from './check.ts';
import { type Permission, permissionsOf } from './permissions.ts';

export async function checkPermissions(lab: CheckLab): Promise<readonly Finding[]> {
  const wanted = permissionsOf(lab.demand).flatMap((permission) =>
    placesOf(permission, lab.demand).map((namespace) => ({ permission, namespace })),
  );
  const answers = await Promise.all(
    wanted.map(({ permission, namespace }) => isAllowed(lab, permission, namespace)),
  );
  const refused = wanted.filter((_, index) => !answers[index]);
  if (refused.length === 0) return [pass('permissions', `${wanted.length} verbs allowed`)];
  const list = [...new Set(refused.map(({ permission }) => permissionText(permission)))];
  return [fail('permissions', `not allowed: ${list.join(', ')}`, 'bind the roles of deploy/')];
}

function placesOf({ namespaced }: Permission, { namespaces }: CheckLab['demand']) {
  return namespaced ? namespaces : [undefined];
}

function permissionText({ verb, resource, subresource }: Permission): string {
  return `${verb} ${subresource === undefined ? resource : `${resource}/${subresource}`}`;
}

async function isAllowed(
  { client }: CheckLab,
  permission: Permission,
  namespace: string | undefined,
): Promise<boolean> {
  const { body } = await client.raw({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: {
        resourceAttributes: {
          verb: permission.verb,
          group: permission.group,
          resource: permission.resource,
          ...(permission.subresource ? { subresource: permission.subresource } : {}),
          ...(namespace === undefined ? {} : { namespace }),
        },
      },
    },
  });
  return (body as { status?: { allowed?: boolean } }).status?.allowed === true;
}

/** The namespace is free, or there and not on its way out. */
export async function checkNamespace({ client, demand }: CheckLab): Promise<readonly Finding[]> {
  const found = await find(client, NAMESPACES, { name: demand.namespace });
  if (!found) return [pass('namespace', `${demand.namespace} will be created`)];
  if (found.metadata.deletionTimestamp === undefined) {
    return [pass('namespace', `${demand.namespace} is there`)];
  }
  return [
    fail(
      'namespace',
      `${demand.namespace} is terminating`,
      'wait until it is gone, or name another with `namespace:`',
    ),
  ];
}

/** One object of each kind, sent with dryRun=All: the server checks all and keeps nothing. */
export async function checkDryRun(lab: CheckLab): Promise<readonly Finding[]> {
  const { client, demand } = lab;
  const namespaceThere = await find(client, NAMESPACES, { name: demand.namespace });
  const findings: Finding[] = [];
  for (const { resource, object } of demand.samples) {
    const namespace = namespaceThere ? demand.namespace : 'default';
    findings.push(
      await dryRun(lab, resource, { ...object, metadata: { ...object.metadata, namespace } }),
    );
  }
  return [...findings, ...(await checkClock(lab))];
}

async function dryRun(
  { client }: CheckLab,
  resource: Resource,
  object: CheckLab['demand']['samples'][number]['object'],
): Promise<Finding> {
  const check = `dry run of a ${resource.kind}`;
  try {
    await client.create(resource, object, { dryRun: 'All' });
    return pass(check, 'accepted');
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return fail(check, error.message, 'mend the template or the storage section');
  }
}

/** By an object that the server stamped and threw away; a simulated day may go faster than ours. */
async function checkClock({ client, wallUs }: CheckLab): Promise<readonly Finding[]> {
  const answer = await client.transport.request({
    method: 'POST',
    path: collectionPath({ ...NAMESPACES, plural: 'configmaps' }, 'default'),
    query: { dryRun: 'All' },
    body: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { generateName: 'bench-clock-', namespace: 'default' },
    },
  });
  const meta = (answer.body as { metadata?: { creationTimestamp?: string } }).metadata;
  const stampedUs = parseRfc3339(meta?.creationTimestamp ?? '');
  if (stampedUs === undefined) return [];
  const speed = answer.headers?.[SIMULATION_HEADER];
  if (speed === undefined || speed === 'speed=1') return [clockFinding(stampedUs, wallUs())];
  return [pass('clock', `the simulated cluster has a time of its own (${speed})`)];
}

/** A whole second of the server's against ours: only a gross difference can be told. */
function clockFinding(serverUs: number, ourUs: number): Finding {
  const apartUs = Math.abs(ourUs - serverUs);
  const found = `the API server's clock and ours are ${formatDuration(apartUs)} apart`;
  if (apartUs <= 5 * SECOND) return pass('clock', found);
  const say = apartUs > 300 * SECOND ? fail : warn;
  return say(
    'clock',
    found,
    'synchronise the clocks (chrony, NTP) of this machine and the masters',
  );
}

/** Objects of other runs that are still there; none may bear the id of this one. */
export async function checkLeftovers({ client, demand }: CheckLab): Promise<readonly Finding[]> {
  const { runLabel, runId } = demand;
  const labelSelector = runLabel;
  const machines = await findAll(client, VIRTUAL_MACHINES, { labelSelector });
  const volumes = await findAll(client, DATA_VOLUMES, { labelSelector });
  const namespaces = await findAll(client, NAMESPACES, { labelSelector });
  const found = [...machines, ...volumes, ...namespaces];
  if (found.some(({ metadata }) => metadata.labels?.[runLabel] === runId)) {
    return [
      fail(
        'run id',
        `objects of a run ${runId} are there already`,
        `choose another --run-id, or remove them with \`bench cleanup ${runId}\``,
      ),
    ];
  }
  if (found.length === 0) return [pass('leftovers', 'none of earlier runs')];
  return [
    warn(
      'leftovers',
      `${machines.length} VMs and ${volumes.length} DataVolumes of earlier runs are there`,
      'remove them with `bench cleanup`, or expect a fuller cluster in the figures',
    ),
  ];
}
