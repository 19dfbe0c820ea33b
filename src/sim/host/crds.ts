/** The custom kinds for a Kubernetes API server that has none of them: `kubectl apply -f -`. */

import { stringify } from 'yaml';
import { customResourceDefinition, otherVersions } from '../apiserver/custom/crds.ts';
import { createRegistry } from '../apiserver/registry/registry.ts';

/** Without these, no simulated controller can work. */
const GROUPS = [
  'kubevirt.io',
  'snapshot.kubevirt.io',
  'cdi.kubevirt.io',
  'snapshot.storage.k8s.io',
];

/** Comes with KubeVirt; that of CDI is there because a real virt-controller waits to list it. */
const OPERATORS = ['KubeVirt'];

/** YAML documents, one for each kind. */
export function crdsText(): string {
  const { definitions } = createRegistry();
  return definitions
    .filter(
      ({ custom, storedAs, resource }) =>
        custom &&
        !storedAs &&
        GROUPS.includes(resource.group) &&
        !OPERATORS.includes(resource.kind),
    )
    .map((each) => customResourceDefinition(each, otherVersions(definitions, each)))
    .map((definition) => `---\n${stringify(definition)}`)
    .join('');
}
