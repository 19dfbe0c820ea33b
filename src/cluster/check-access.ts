/** Would the server take our objects, and has somebody been here? */

import type { KubeObject } from '../api/object.ts';
import {
  CONFIG_MAPS,
  DATA_VOLUMES,
  NAMESPACES,
  type Resource,
  VIRTUAL_MACHINES,
} from '../api/resources.ts';
import { parseRfc3339 } from '../core/time-text.ts';
import { formatDuration, SECOND } from '../core/duration.ts';
import { ApiError, isForbidden } from '../kube/api-error.ts';
import { SIMULATION_HEADER } from '../kube/connection.ts';
import { collectionPath } from '../kube/paths.ts';
import { readWarnings } from '../kube/warnings.ts';
import {
  type CheckLab,
  type Finding,
  fail,
  find,
  findAll,
  isHomeAbsent,
  pass,
  warn,
} from './check.ts';

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
  const { namespace: home, samples } = lab.demand;
  const namespace = (await isHomeAbsent(lab)) ? 'default' : home;
  const findings: Finding[] = [];
  for (const { resource, object } of samples) {
    const moved = namespace === home ? object : movedSources(object, home, namespace);
    const placed = { ...moved, metadata: { ...moved.metadata, namespace } };
    findings.push(...(await dryRun(lab, resource, placed)));
  }
  return [...findings, ...(await checkClock(lab, namespace))];
}

/**
 * The object, cloning from `to` what it would clone from `from`, which is not there yet: virt-api
 * up to 1.4 looks the source's namespace up and refuses where there is none.
 */
function movedSources<T>(object: T, from: string, to: string): T {
  const moved = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((each) => moved(each, ''));
    if (value === null || typeof value !== 'object') return value;
    const isSource = ['pvc', 'snapshot', 'sourceRef'].includes(key);
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [
        name,
        isSource && name === 'namespace' && each === from ? to : moved(each, name),
      ]),
    );
  };
  return moved(object, '') as T;
}

async function dryRun(
  { client }: CheckLab,
  resource: Resource,
  object: CheckLab['demand']['samples'][number]['object'],
): Promise<readonly Finding[]> {
  const check = `dry run of a ${resource.kind}`;
  try {
    const { headers } = await client.raw({
      method: 'POST',
      path: collectionPath(resource, object.metadata.namespace),
      query: { dryRun: 'All' },
      body: object,
    });
    return [pass(check, 'accepted'), ...warningFindings(check, headers?.['warning'])];
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (isUnauthorised(error)) return [];
    return [fail(check, error.message, remedyFor(error.message))];
  }
}

/** What the server took, and yet has something to say about. */
function warningFindings(check: string, header: string | undefined): readonly Finding[] {
  return readWarnings(header).map((text) =>
    warn(
      check,
      `accepted, with a warning: ${text}`,
      'mend the template, or expect it to fail one day',
    ),
  );
}

function remedyFor(message: string): string {
  const missing = /namespace (\S+) does not exist/.exec(message)?.[1];
  if (missing !== undefined) {
    return `create the namespace ${missing}, or clone from one that is there`;
  }
  return 'mend the template or the storage section';
}

/** For want of a right, which is told elsewhere; quotas and webhooks say 403 as well. */
function isUnauthorised(error: ApiError): boolean {
  return isForbidden(error) && /cannot create resource/.test(error.message);
}

/** By an object that the server stamped and threw away; a simulated day may go faster than ours. */
async function checkClock(
  { client, wallUs }: CheckLab,
  namespace: string,
): Promise<readonly Finding[]> {
  const sentUs = wallUs();
  const answer = await client.transport.request({
    method: 'POST',
    path: collectionPath(CONFIG_MAPS, namespace),
    query: { dryRun: 'All' },
    body: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { generateName: 'bench-clock-', namespace },
    },
  });
  const meta = (answer.body as { metadata?: { creationTimestamp?: string } }).metadata;
  const stampedUs = parseRfc3339(meta?.creationTimestamp ?? '');
  if (stampedUs === undefined) return [];
  const speed = answer.headers?.[SIMULATION_HEADER];
  if (speed === undefined || speed === 'speed=1')
    return [clockFinding(stampedUs, { sentUs, answeredUs: wallUs() })];
  return [pass('clock', `the simulated cluster has a time of its own (${speed})`)];
}

/**
 * The server stamps a whole second somewhere between our sending and its answer: clocks that can be
 * the same are not apart, and others by what is left between the two stretches of time.
 */
function clockFinding(
  stampedUs: number,
  { sentUs, answeredUs }: { readonly sentUs: number; readonly answeredUs: number },
): Finding {
  const apartUs = Math.max(0, stampedUs - answeredUs, sentUs - (stampedUs + SECOND));
  if (apartUs === 0) return pass('clock', "the API server's clock and ours agree to the second");
  const found = `the API server's clock and ours are at least ${formatDuration(apartUs)} apart`;
  if (apartUs <= 5 * SECOND) return pass('clock', found);
  const say = apartUs > 300 * SECOND ? fail : warn;
  return say(
    'clock',
    found,
    'synchronise the clocks (chrony, NTP) of this machine and the masters',
  );
}

/** Objects of other runs that are still there; none may bear the id of this one. */
export async function checkLeftovers(lab: CheckLab): Promise<readonly Finding[]> {
  const { runLabel, runId } = lab.demand;
  const vms = await findLabelled(lab, VIRTUAL_MACHINES);
  const volumes = await findLabelled(lab, DATA_VOLUMES);
  const namespaces = await findLabelled(lab, NAMESPACES);
  const found = [...vms, ...volumes, ...namespaces];
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
      `${vms.length} VMs, ${volumes.length} DataVolumes and ${namespaces.length} namespaces of ` +
        'earlier runs are there',
      'remove them with `bench cleanup`, or expect a fuller cluster in the figures',
    ),
  ];
}

/** On the whole cluster; where we may not look there, in the namespaces of the run. */
async function findLabelled(
  { client, demand }: CheckLab,
  resource: Resource,
): Promise<readonly KubeObject[]> {
  const labelSelector = demand.runLabel;
  try {
    return await findAll(client, resource, { labelSelector });
  } catch (error) {
    if (!isForbidden(error)) throw error;
    if (!resource.namespaced) return [];
    const lists = demand.namespaces.map((namespace) =>
      findAll(client, resource, { namespace, labelSelector }),
    );
    return (await Promise.all(lists)).flat();
  }
}
