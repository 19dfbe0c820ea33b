/** Schemas of the small core kinds. */

import { KEYED_CONDITIONS, kindSchema, OBJECT_REFERENCE } from './metadata.ts';
import { bool, int, list, mapSchema, object, str, time } from './schema.ts';

export const NAMESPACE = kindSchema('A scope for names.', {
  spec: object('What keeps the namespace.', {
    finalizers: list('Who must release the namespace.', str('A finalizer.')),
  }),
  status: object('State of the namespace.', {
    phase: str('Active or Terminating.'),
    conditions: KEYED_CONDITIONS,
  }),
});

export const CONFIG_MAP = kindSchema('Configuration for pods.', {
  data: mapSchema('Texts by key.', str('A text.')),
  binaryData: mapSchema('Bytes by key, in base64.', str('Bytes.')),
  immutable: bool('Whether the data may change no more.'),
});

export const SECRET = kindSchema('Secret data for pods.', {
  type: str('What the secret is for.'),
  data: mapSchema('Bytes by key, in base64.', str('Bytes.')),
  stringData: mapSchema('Texts by key, written only.', str('A text.')),
  immutable: bool('Whether the data may change no more.'),
});

export const SERVICE_ACCOUNT = kindSchema('An identity for pods.', {
  secrets: list('Secrets of the account.', OBJECT_REFERENCE),
  imagePullSecrets: list('Secrets for pulling images.', OBJECT_REFERENCE),
  automountServiceAccountToken: bool('Whether pods get its token.'),
});

export const EVENT = kindSchema(
  'A report of something that happened.',
  {
    involvedObject: OBJECT_REFERENCE,
    related: OBJECT_REFERENCE,
    reason: str('One word for what happened.'),
    message: str('A text for people.'),
    type: str('Normal or Warning.'),
    count: int('How often it happened.'),
    firstTimestamp: time('When it happened first.'),
    lastTimestamp: time('When it happened last.'),
    eventTime: time('When it happened.'),
    action: str('What was done.'),
    reportingComponent: str('Who reports.'),
    reportingInstance: str('Which instance reports.'),
    source: object('Who reports.', { component: str('Component.'), host: str('Node.') }),
    series: object('A series of like events.', {
      count: int('How many.'),
      lastObservedTime: time('When the last was seen.'),
    }),
  },
  { required: ['involvedObject'] },
);

export const LEASE = kindSchema('Who leads, or lives.', {
  spec: object('State of the lease.', {
    holderIdentity: str('Who holds the lease.'),
    leaseDurationSeconds: int('Seconds for which it is held.'),
    acquireTime: time('When it was acquired.'),
    renewTime: time('When it was renewed last.'),
    leaseTransitions: int('How often the holder changed.'),
  }),
});

const RULES = list(
  'What is allowed.',
  object('A rule.', {
    apiGroups: list('API groups.', str('A group.')),
    resources: list('Resources.', str('A resource.')),
    resourceNames: list('Names of objects.', str('A name.')),
    nonResourceURLs: list('Paths that are no resources.', str('A path.')),
    verbs: list('Verbs.', str('A verb.')),
  }),
);

export const ROLE = kindSchema('What is allowed.', { rules: RULES }, { open: true });

export const ROLE_BINDING = kindSchema('Who has a role.', {
  roleRef: object(
    'The role.',
    { apiGroup: str('API group.'), kind: str('Kind of role.'), name: str('Name of the role.') },
    { required: ['apiGroup', 'kind', 'name'], atomic: true },
  ),
  subjects: list(
    'Who has the role.',
    object('A subject.', {
      apiGroup: str('API group.'),
      kind: str('User, Group or ServiceAccount.'),
      name: str('Name of the subject.'),
      namespace: str('Namespace of a service account.'),
    }),
  ),
});
