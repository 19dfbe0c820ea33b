/**
 * VMs that clone their disks from another namespace: KubeVirt asks whether the service account of
 * the VM's namespace may do so, not whether we may (kubevirt pkg/virt-api vms-admitter.go up to
 * 1.4, virt-controller vm.go since 1.5; containerized-data-importer-api authorize.go).
 */

import type { VirtualMachine } from '../api/compute.ts';
import { VIRTUAL_MACHINES } from '../api/resources.ts';
import { isForbidden } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { type CheckLab, type Finding, fail, pass } from './check.ts';

const CHECK = 'clone right';

interface CloneRight {
  /** `system:serviceaccount:bench:default`. */
  readonly namespace: string;
  readonly account: string;
  readonly source: string;
}

/** A finding for each namespace that VMs clone from; none where all is in their own. */
export async function checkCloneRight({ client, demand }: CheckLab): Promise<readonly Finding[]> {
  const vms = demand.samples.filter(({ resource }) => resource === VIRTUAL_MACHINES);
  const rights = vms.flatMap(({ object }) => rightsOf(object as VirtualMachine, demand.namespace));
  const findings: Finding[] = [];
  for (const right of rights) {
    const allowed = await mayClone(client, right);
    if (allowed === undefined) continue;
    findings.push(allowed ? pass(CHECK, `${textOf(right)} may`) : missing(right));
  }
  return findings;
}

function rightsOf({ metadata, spec }: VirtualMachine, home: string): readonly CloneRight[] {
  const namespace = metadata.namespace ?? home;
  const volumes = spec.template.spec.volumes ?? [];
  const named = volumes.flatMap((volume) => serviceAccountOf(volume) ?? []);
  const sources = (spec.dataVolumeTemplates ?? []).flatMap(({ spec: { source } }) => [
    source?.pvc?.namespace,
    source?.snapshot?.namespace,
  ]);
  return [...new Set(sources)].flatMap((source) =>
    source === undefined || source === namespace
      ? []
      : [{ namespace, account: named.at(-1) ?? 'default', source }],
  );
}

function serviceAccountOf(volume: object): string | undefined {
  const { serviceAccount } = volume as { serviceAccount?: { serviceAccountName?: string } };
  return serviceAccount?.serviceAccountName;
}

/** Undefined where we may not ask for others: the dry run has the last word. */
async function mayClone(client: KubeClient, right: CloneRight): Promise<boolean | undefined> {
  const asked = [
    { group: 'cdi.kubevirt.io', resource: 'datavolumes', subresource: 'source' },
    // CDI takes whoever may run pods there for somebody who can read the disks anyhow.
    { group: '', resource: 'pods' },
  ];
  try {
    for (const what of asked) if (await isAllowed(client, right, what)) return true;
    return false;
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

async function isAllowed(
  client: KubeClient,
  { namespace, account, source }: CloneRight,
  what: Readonly<Record<string, string>>,
): Promise<boolean> {
  const { body } = await client.raw({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user: `system:serviceaccount:${namespace}:${account}`,
        groups: [
          'system:serviceaccounts',
          `system:serviceaccounts:${namespace}`,
          'system:authenticated',
        ],
        resourceAttributes: { ...what, verb: 'create', namespace: source },
      },
    },
  });
  return (body as { status?: { allowed?: boolean } }).status?.allowed === true;
}

function textOf({ namespace, account, source }: CloneRight): string {
  return `service account ${namespace}:${account} clones from ${source}`;
}

/** Both commands as they can be pasted; a binding may name an account that is not there yet. */
function missing(right: CloneRight): Finding {
  const { namespace, account, source } = right;
  const role = 'bench-clone-source';
  const what = 'datavolumes.cdi.kubevirt.io/source';
  return fail(
    CHECK,
    `${textOf(right)}, and may not: KubeVirt asks for its right, not for ours`,
    `kubectl create role ${role} -n ${source} --verb=create --resource=${what} && ` +
      `kubectl create rolebinding ${role} -n ${source} --role=${role} ` +
      `--serviceaccount=${namespace}:${account}`,
  );
}
