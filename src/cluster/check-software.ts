/** Is what we drive installed, healthy and of a version we know? */

import { ForeignAnswerError } from '../kube/foreign-answer.ts';
import { type CheckLab, type Finding, fail, findAll, guarded, pass, warn } from './check.ts';
import {
  CDIS,
  findHyperConverged,
  KUBEVIRTS,
  type OperatorObject,
  readTuningPolicy,
} from './operators.ts';

interface Needed {
  readonly path: string;
  readonly resources: readonly string[];
  readonly remedy: string;
}

const NEEDED: readonly Needed[] = [
  {
    path: '/apis/kubevirt.io/v1',
    resources: ['virtualmachines', 'virtualmachineinstances'],
    remedy: 'install KubeVirt (OpenShift Virtualization)',
  },
  {
    path: '/apis/cdi.kubevirt.io/v1beta1',
    resources: ['datavolumes'],
    remedy: 'install the Containerized Data Importer',
  },
];

const SNAPSHOTS_NEEDED: Needed = {
  path: '/apis/snapshot.storage.k8s.io/v1',
  resources: ['volumesnapshots'],
  remedy: 'install the snapshot controller and its CRDs',
};

const SUBRESOURCES_NEEDED: Needed = {
  path: '/apis/subresources.kubevirt.io/v1',
  resources: [],
  remedy: 'virt-api must run, or say `via: patch` in the boot step',
};

/** The server answers at all, and knows us; its version, which it tells everybody. */
export async function checkServer({ client }: CheckLab): Promise<readonly Finding[]> {
  const { body } = await client.raw({ method: 'GET', path: '/version' });
  await client.raw({ method: 'GET', path: '/apis' });
  const version = versionIn(body);
  return [pass('API server', `Kubernetes ${version}`)];
}

/** Throws ForeignAnswerError for what no API server says of itself. */
function versionIn(body: unknown): string {
  const { gitVersion } = (body ?? {}) as { readonly gitVersion?: unknown };
  if (typeof gitVersion === 'string') return gitVersion;
  throw new ForeignAnswerError('GET /version: the answer names no version');
}

/** The kinds that the scenario uses are served. */
export async function checkKinds(lab: CheckLab): Promise<readonly Finding[]> {
  const needed = [
    ...NEEDED,
    ...(lab.demand.snapshotClass === undefined ? [] : [SNAPSHOTS_NEEDED]),
    ...(lab.demand.startsBySubresource ? [SUBRESOURCES_NEEDED] : []),
  ];
  return Promise.all(needed.map((each) => checkGroup(lab, each)));
}

async function checkGroup({ client }: CheckLab, needed: Needed): Promise<Finding> {
  const answer = await client.transport.request({ method: 'GET', path: needed.path });
  if (answer.status === 403) {
    return warn(needed.path, 'not allowed to look', 'bind system:discovery to this user');
  }
  if (answer.status >= 400) return fail(needed.path, 'is not served', needed.remedy);
  const served = servedNames(answer.body);
  if (served === undefined) {
    const remedy = 'ask those who run the server, or the proxy before it';
    return fail(needed.path, 'is answered with no list of kinds', remedy);
  }
  const missing = needed.resources.filter((name) => !served.has(name));
  if (missing.length === 0) return pass(needed.path, 'is served');
  return fail(needed.path, `does not serve ${missing.join(', ')}`, needed.remedy);
}

/** Undefined where it is no answer of discovery. */
function servedNames(body: unknown): ReadonlySet<string> | undefined {
  const { resources } = (body ?? {}) as { readonly resources?: unknown };
  if (!Array.isArray(resources)) return undefined;
  return new Set(resources.map((each: { readonly name?: string } | null) => each?.name ?? ''));
}

/** The operators report themselves deployed; rate limits are the defaults or tuned. */
export async function checkOperators(lab: CheckLab): Promise<readonly Finding[]> {
  const findings = await Promise.all([
    guarded('KubeVirt', lab, async ({ client }) => {
      const [found] = await findAll(client, KUBEVIRTS);
      return [health('KubeVirt', found, found?.status?.observedKubeVirtVersion)];
    }),
    guarded('CDI', lab, async ({ client }) => {
      const [found] = await findAll(client, CDIS);
      return [health('CDI', found, found?.status?.observedVersion)];
    }),
    guarded('HyperConverged', lab, async ({ client }) => {
      const found = await findHyperConverged(client);
      return found ? [tuning(found)] : [];
    }),
  ]);
  return findings.flat();
}

function health(name: string, found: OperatorObject | undefined, version = 'unknown'): Finding {
  if (!found) {
    return warn(name, 'has no operator object, so its health is unknown', 'check its pods');
  }
  const { phase } = found.status ?? {};
  if (phase === 'Deployed') return pass(name, `Deployed, version ${version}`);
  return fail(name, `phase ${phase ?? 'unknown'}`, `wait until ${name} is Deployed`);
}

function tuning(operator: OperatorObject): Finding {
  const version =
    operator.status?.versions?.find(({ name }) => name === 'operator')?.version ?? 'unknown';
  const policy = readTuningPolicy(operator);
  const found = `version ${version}, tuningPolicy ${policy ?? 'unset'}`;
  if (policy !== undefined) return pass('HyperConverged', found);
  return pass('HyperConverged', `${found}: default rate limits of virt-api and virt-controller`);
}
