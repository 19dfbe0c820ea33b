/** `delete`: deployed VMs are deleted, running or not. */

import { changeMachines } from './step-machines.ts';

export const deletion = changeMachines({
  kind: 'delete',
  from: ['stopped', 'started'],
  to: 'deleted',
  available: 'deployed',
  remedy: 'lower the count',
});
