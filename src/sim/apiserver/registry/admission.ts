/**
 * What may still change or refuse a write after it was understood: webhooks and plugins. A webhook
 * is named in its refusals, a plugin or a strategy of the server itself is not.
 */

import type { KubeObject } from '../../../api/object.ts';
import type { Resource } from '../../../api/resources.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import { invalid, invalidByWebhook, type RefusalWords, type StatusCause } from '../core/refusal.ts';

/** What a rule knows beside the object. */
export interface Around {
  /** Now as a metav1.Time. */
  stamp(): string;
  /** All objects of a kind; none where it is not served. */
  list(resource: Resource): readonly KubeObject[];
}

/** All are synchronous; `old` is undefined on creation. */
export interface AdmissionRule {
  readonly resource: Resource;
  /** The names of the webhooks that do it; the server itself where they are absent. */
  readonly webhooks?: {
    readonly mutating: string;
    readonly validating: string;
    readonly words?: RefusalWords;
  };
  /** What the mutating webhook refuses before it fills anything in. */
  readonly shape?: (object: KubeObject) => readonly StatusCause[];
  readonly mutate?: (object: KubeObject, old: KubeObject | undefined, around: Around) => KubeObject;
  readonly validate?: (
    object: KubeObject,
    old: KubeObject | undefined,
    around: Around,
  ) => readonly StatusCause[] | undefined;
}

export interface Admission {
  add(definition: KindDefinition, rule: AdmissionRule): void;
  /** The object as it may be stored; throws a Refusal (422) where a rule objects. */
  admit(definition: KindDefinition, object: KubeObject, old?: KubeObject): KubeObject;
}

export function createAdmission(around: Around): Admission {
  const rules = new Map<KindDefinition, AdmissionRule[]>();
  const refuse = (
    { resource }: KindDefinition,
    object: KubeObject,
    causes: readonly StatusCause[] | undefined,
    webhook: string | undefined,
    words: RefusalWords | undefined,
  ) => {
    if (causes === undefined || causes.length === 0) return;
    throw webhook === undefined
      ? invalid(resource, object.metadata.name, causes)
      : invalidByWebhook(webhook, causes, words);
  };
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
      for (const rule of list) {
        const { mutating, words } = rule.webhooks ?? {};
        refuse(definition, admitted, rule.shape?.(admitted), mutating, words);
        if (rule.mutate) admitted = rule.mutate(admitted, old, around);
      }
      for (const rule of list) {
        const causes = rule.validate?.(admitted, old, around);
        const { validating, words } = rule.webhooks ?? {};
        refuse(definition, admitted, causes, validating, words);
      }
      return admitted;
    },
  };
}
