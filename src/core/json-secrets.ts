/** Secrets in values that were read already: of manifests, and of objects as they are asked for. */

import { isSecretName, isSecretOption, secretByMapping } from './secret-names.ts';
import { HIDDEN } from './secrets.ts';
import { hideTextSecrets } from './yaml-secrets.ts';

/** The value as it may be shown. */
export function hideJsonSecrets(value: unknown): unknown {
  if (typeof value === 'string') return hideTextSecrets(value);
  if (Array.isArray(value)) {
    return value.map((each, i) =>
      i > 0 && isSecretOption(value[i - 1]) ? HIDDEN : hideJsonSecrets(each),
    );
  }
  if (value === null || typeof value !== 'object') return value;
  const fields = value as Readonly<Record<string, unknown>>;
  const isByMapping = secretByMapping(fields['kind'], fields['name'] ?? fields['key']);
  return Object.fromEntries(
    Object.entries(fields).map(([name, each]) => [
      name,
      isByMapping(name) || isSecretName(name, typeof each !== 'object')
        ? hidden(each)
        : hideJsonSecrets(each),
    ]),
  );
}

/** That there is nothing may be seen. */
function hidden(value: unknown): unknown {
  return value === null || value === undefined || value === '' ? value : HIDDEN;
}
