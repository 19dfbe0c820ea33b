/** `stop`: started VMs are stopped. */

import { changeMachines } from './step-machines.ts';

export const stop = changeMachines({
  kind: 'stop',
  from: ['started'],
  to: 'stopped',
  available: 'started',
  remedy: 'lower the count',
});
