/** What a file says of the things that `act` does: a field each, read as what is then done. */

import { z } from 'zod';
import {
  type Action,
  ACTION_FIELDS,
  type ActionField,
  UNDOING_FIELDS,
} from '../catalogue/actions.ts';

const texts = z.record(z.string(), z.string().nullable());

const taint = z
  .string()
  .regex(/^[^:]*:(NoSchedule|PreferNoSchedule|NoExecute)$/)
  .meta({ title: 'value:effect', examples: ['nodeshutdown:NoExecute'] });

/** All of them. */
export const actionFields = {
  patch: z
    .union([z.record(z.string(), z.unknown()), z.array(z.record(z.string(), z.unknown()))])
    .transform((patch): Action => {
      return Array.isArray(patch) ? { do: 'patch', patch, type: 'json' } : { do: 'patch', patch };
    })
    .optional()
    .describe('A JSON merge patch, or a list of the operations of a JSON patch.'),
  label: texts
    .transform((labels): Action => ({ do: 'patch', patch: { metadata: { labels } } }))
    .optional()
    .describe('Labels that are set; null takes one away.'),
  annotate: texts
    .transform((annotations): Action => ({ do: 'patch', patch: { metadata: { annotations } } }))
    .optional()
    .describe('Annotations that are set; null takes one away.'),
  taint: z
    .record(z.string(), taint.nullable())
    .transform((taints): Action => ({ do: 'taint', taints }))
    .optional()
    .describe('Taints of a Node that are set, as value:effect; null takes one away.'),
  external: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    // What is done is never put together to a text that something would take apart again.
    .transform((asked): Action => {
      return {
        do: 'external',
        command: typeof asked === 'string' ? asked.trim().split(/\s+/) : asked,
      };
    })
    .optional()
    .describe(
      'A program on this machine with its arguments, split at spaces where it is one text; no ' +
        'shell. {{name}}, {{namespace}} and {{index}} are those of the object. See --allow-exec.',
    ),
  subresource: z
    .union([
      z.string().min(1),
      z.strictObject({ name: z.string().min(1), body: z.record(z.string(), z.unknown()) }),
    ])
    .transform((asked): Action => {
      const { name, body } = typeof asked === 'string' ? { name: asked, body: {} } : asked;
      return { do: 'subresource', subresource: name, body };
    })
    .optional()
    .describe('A request to a subresource, such as restart of a VirtualMachine.'),
  evict: simply('evict').describe('Pods are evicted, as in a drain.'),
  delete: simply('delete').describe('What the run made is deleted.'),
  watch: simply('watch').describe(
    'Nothing: something else happens, in a step beside this one or by hand.',
  ),
} satisfies Readonly<Record<ActionField, z.ZodType<Action | undefined>>>;

function simply(kind: 'evict' | 'delete' | 'watch') {
  return z
    .literal(true)
    .transform((): Action => ({ do: kind }))
    .optional();
}

/** Those that undo something. */
export const undoingFields = Object.fromEntries(
  UNDOING_FIELDS.map((field) => [field, actionFields[field]]),
) as typeof actionFields;

/** What a document asks for, each with its field. */
export function actionsIn(
  document: Readonly<Partial<Record<ActionField, Action | undefined>>>,
): readonly (readonly [ActionField, Action])[] {
  return ACTION_FIELDS.flatMap((field) => {
    const action = document[field];
    return action === undefined ? [] : [[field, action] as const];
  });
}
