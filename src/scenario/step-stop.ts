/** `stop`: started VMs are stopped. */

import { changeVms } from './step-vms.ts';

export const stop = changeVms({
  kind: 'stop',
  from: ['started'],
  to: 'stopped',
  available: 'started',
  remedy: 'lower the count',
});
