/**
 * CDI's own question when somebody creates a DataVolume that clones from another namespace: may the
 * creator? (CDI v1.58.4 webhooks/datavolume-mutate.go, authorize.go.) VMs are asked about by
 * virt-api, for their service account.
 */

import type { DataVolume } from '../../api/storage.ts';
import { invalidByWebhook } from './core/refusal.ts';
import type { Answer } from './requests/handle.ts';
import type { GatedWrite } from './server/server.ts';
import type { Authorizer } from './authorization/rbac.ts';

const WEBHOOK = 'datavolume-mutate.cdi.kubevirt.io';

export function checkCloneRight(
  authorizer: Authorizer,
  { namespace, object, method, user }: GatedWrite,
): Promise<Answer | undefined> | undefined {
  if (method !== 'POST' || !user) return undefined;
  const { source } = (object as Partial<DataVolume>).spec ?? {};
  const found = source?.pvc ?? source?.snapshot;
  const from = found?.namespace ?? namespace;
  if (!found || from === namespace) return undefined;
  const may = (attributes: object) =>
    authorizer.decide(user, {
      verb: 'create',
      group: '',
      resource: '',
      subresource: '',
      namespace: from,
      name: found.name,
      ...attributes,
    }).allowed;
  if (may({ group: 'cdi.kubevirt.io', resource: 'datavolumes', subresource: 'source' })) {
    return undefined;
  }
  const both =
    may({ resource: 'pods' }) && (source?.pvc !== undefined || may({ resource: 'pvcs' }));
  if (both) return undefined;
  const why =
    `User ${user.username} has insufficient permissions in clone source namespace ` + from;
  const cause = { reason: 'FieldValueInvalid', message: why, field: 'spec.source.PVC.namespace' };
  const { status } = invalidByWebhook(WEBHOOK, [cause]);
  return Promise.resolve({ status: 422, body: status });
}
