/** Schemas that all kinds share: ObjectMeta, conditions, selectors, references. */

import {
  opaque,
  bool,
  int,
  keyedList,
  list,
  mapSchema,
  object,
  type ObjectSchema,
  type Schema,
  setSchema,
  str,
  time,
} from './schema.ts';

const OWNER_REFERENCE = object(
  'An owner of this object; it is collected when all its owners are gone.',
  {
    apiVersion: str('API version of the owner.'),
    kind: str('Kind of the owner.'),
    name: str('Name of the owner.'),
    uid: str('UID of the owner.'),
    controller: bool('Whether this owner is the managing controller.'),
    blockOwnerDeletion: bool('Whether foreground deletion of the owner waits for this object.'),
  },
  { required: ['apiVersion', 'kind', 'name', 'uid'], atomic: true },
);

export const OBJECT_META: ObjectSchema = object('Metadata that every object has.', {
  name: str('Name, unique within a namespace.'),
  generateName: str('Prefix from which the server makes a unique name where none is given.'),
  namespace: str('Namespace of the object.'),
  labels: mapSchema('Labels by which objects are selected.', str('Value of the label.')),
  annotations: mapSchema('Further data that is not selected by.', str('Value of the annotation.')),
  finalizers: setSchema('Who must release the object before it is removed.', str('A finalizer.')),
  ownerReferences: keyedList('Owners of the object.', OWNER_REFERENCE, ['uid']),
  uid: str('Unique identity in time and space, given by the server.'),
  resourceVersion: str('Opaque version for optimistic concurrency and watches.'),
  generation: int('Number of the desired state.'),
  creationTimestamp: time('When the object was created.'),
  deletionTimestamp: time('When the object will be deleted.'),
  deletionGracePeriodSeconds: int('Seconds until a deleted object is removed.'),
  selfLink: str('Deprecated, not set any more.'),
  managedFields: list('Who set which fields.', opaque('One manager and its fields.')),
});

const CONDITION = object(
  'One aspect of the state of the object.',
  {
    type: str('Kind of condition.'),
    status: str('True, False or Unknown.', ['True', 'False', 'Unknown']),
    reason: str('One word for the last transition.'),
    message: str('A text for people.'),
    lastTransitionTime: time('When the status changed last.'),
    lastProbeTime: time('When the condition was probed last.'),
    lastHeartbeatTime: time('When the condition was updated last.'),
    observedGeneration: int('Generation that the condition is about.'),
  },
  { required: ['type', 'status'], open: true },
);

/** Conditions of a core kind: known by their type. */
export const KEYED_CONDITIONS = keyedList('Conditions of the object.', CONDITION, ['type']);

/** Conditions of a custom kind: one value. */
export const CONDITIONS = list('Conditions of the object.', CONDITION);

export const LABEL_SELECTOR = object(
  'Selects objects by their labels.',
  {
    matchLabels: mapSchema('Labels with the values they must have.', str('Value of the label.')),
    matchExpressions: list(
      'Further requirements.',
      object('A requirement.', {
        key: str('Label.'),
        operator: str('In, NotIn, Exists or DoesNotExist.'),
        values: list('Values of In and NotIn.', str('A value.')),
      }),
    ),
  },
  { atomic: true },
);

export const TYPED_REFERENCE = object(
  'A reference to an object of a given kind.',
  {
    apiGroup: str('API group; empty for the core group.'),
    kind: str('Kind of the object.'),
    name: str('Name of the object.'),
    namespace: str('Namespace of the object.'),
  },
  { required: ['kind', 'name'] },
);

export const OBJECT_REFERENCE = object('A reference to an object.', {
  apiVersion: str('API version of the object.'),
  kind: str('Kind of the object.'),
  name: str('Name of the object.'),
  namespace: str('Namespace of the object.'),
  uid: str('UID of the object.'),
  resourceVersion: str('Version of the object.'),
  fieldPath: str('Part of the object.'),
});

/** The whole object: the usual members, and what the kind adds. */
export function kindSchema(
  description: string,
  properties: Readonly<Record<string, Schema>>,
  options: Pick<ObjectSchema, 'required' | 'open'> = {},
): ObjectSchema {
  return object(
    description,
    {
      apiVersion: str('Version of the schema of this object.'),
      kind: str('Kind of this object.'),
      metadata: OBJECT_META,
      ...properties,
    },
    options,
  );
}

/** A kind that is stored without being understood. */
export function undescribed(kind: string): ObjectSchema {
  return kindSchema(
    `${kind}: stored as given.`,
    { spec: opaque('Desired state, stored as given.'), status: opaque('Observed state.') },
    { open: true },
  );
}
