/** `boot`: deployed VMs are started. */

import { changeVms } from './step-vms.ts';

export const boot = changeVms({
  kind: 'boot',
  from: ['stopped'],
  to: 'started',
  available: 'deployed and not yet started',
  remedy: 'deploy more before',
});
