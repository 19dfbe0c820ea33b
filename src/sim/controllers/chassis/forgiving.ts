/** For what was changed or deleted meanwhile: that is somebody else's business then. */

import { isConflict, isNotFound } from '../../../kube/api-error.ts';

export async function forgiving(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}
