/** The cluster of a command as it opens it, but for the worker, which would need compiled sources. */

import type { OpenTarget } from '../../src/run/setting.ts';
import { openTarget } from '../../src/cli/target.ts';
import { localWatchHost } from './local-watch-host.ts';

export const openInThread: OpenTarget = async (scenario, options) => {
  const target = await openTarget(scenario, options);
  const setting = target.open();
  const watchHost = localWatchHost(setting.transport, setting.clock);
  return { ...target, open: () => ({ ...setting, watchHost }) };
};
