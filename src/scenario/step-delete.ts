/** `delete`: deployed VMs are deleted, running or not. */

import { changeVms } from './step-vms.ts';

export const deletion = changeVms({
  kind: 'delete',
  from: ['stopped', 'started'],
  to: 'deleted',
  available: 'deployed',
  remedy: 'lower the count',
});
