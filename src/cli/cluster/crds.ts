/** The custom kinds for a Kubernetes API server that has none of them: `kubectl apply -f -`. */

import { stringify } from 'yaml';
import { customResourceDefinition } from '../../sim/apiserver/crds.ts';
import { createRegistry } from '../../sim/apiserver/registry.ts';

/** Without these, no simulated controller can work; kinds of operators are left out on purpose. */
const GROUPS = ['kubevirt.io', 'cdi.kubevirt.io', 'snapshot.storage.k8s.io'];

/** Their presence would say that the operators are there. */
const OPERATORS = ['KubeVirt', 'CDI'];

/** YAML documents, one for each kind. */
export function crdsText(): string {
  return createRegistry()
    .definitions.filter(
      ({ custom, resource }) =>
        custom && GROUPS.includes(resource.group) && !OPERATORS.includes(resource.kind),
    )
    .map((definition) => `---\n${stringify(customResourceDefinition(definition))}`)
    .join('');
}
