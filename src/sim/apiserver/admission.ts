/** What may still change or refuse a write after it was understood: webhooks and plugins. */

import type { KubeObject } from '../../api/object.ts';
import type { Resource } from '../../api/resources.ts';
import type { KindDefinition } from './kinds/definition.ts';
import { invalid, type StatusCause } from './refusal.ts';

/** Both are synchronous and pure; `old` is undefined on creation. */
export interface AdmissionRule {
  readonly resource: Resource;
  readonly mutate?: (object: KubeObject, old?: KubeObject) => KubeObject;
  readonly validate?: (object: KubeObject, old?: KubeObject) => readonly StatusCause[] | undefined;
}

export interface Admission {
  add(definition: KindDefinition, rule: AdmissionRule): void;
  /** The object as it may be stored; throws a Refusal (422) where a rule objects. */
  admit(definition: KindDefinition, object: KubeObject, old?: KubeObject): KubeObject;
}

export function createAdmission(): Admission {
  const rules = new Map<KindDefinition, AdmissionRule[]>();
  return {
    add(definition, rule) {
      const list = rules.get(definition);
      if (list) list.push(rule);
      else rules.set(definition, [rule]);
    },
    admit(definition, object, old) {
      const list = rules.get(definition);
      if (!list) return object;
      let admitted = object;
      for (const rule of list) if (rule.mutate) admitted = rule.mutate(admitted, old);
      for (const rule of list) {
        const causes = rule.validate?.(admitted, old);
        if (causes !== undefined && causes.length > 0) {
          throw invalid(definition.resource, object.metadata.name, causes);
        }
      }
      return admitted;
    },
  };
}
