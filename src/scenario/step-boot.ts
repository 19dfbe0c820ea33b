/** `boot`: deployed VMs are started. */

import { changeMachines } from './step-machines.ts';

export const boot = changeMachines({
  kind: 'boot',
  from: ['stopped'],
  to: 'started',
  available: 'deployed and not yet started',
  remedy: 'deploy more before',
});
