/** Schema of CustomResourceDefinitions: what the server reads of them. */

import { kindSchema } from './metadata.ts';
import { bool, int, list, object, opaque, str } from './schema.ts';

const COLUMN = object(
  'A column of `kubectl get`.',
  {
    name: str('Heading.'),
    type: str('integer, number, string, boolean or date.'),
    jsonPath: str('Where the value is.'),
    description: str('What it is.'),
    format: str('How it is written.'),
    priority: int('0 is always shown, more only with -o wide.'),
  },
  { required: ['name', 'type', 'jsonPath'] },
);

const VERSION = object(
  'A version of the kind.',
  {
    name: str('As in v1.'),
    served: bool('Whether it is served.'),
    storage: bool('Whether objects are stored in it: so in one of them.'),
    schema: object('What objects look like.', { openAPIV3Schema: opaque('OpenAPI v3 schema.') }),
    subresources: object('Subresources.', {
      status: opaque('Status is written apart.'),
      scale: object(
        'Replicas can be scaled.',
        {
          specReplicasPath: str('Where the wanted number is.'),
          statusReplicasPath: str('Where the present number is.'),
          labelSelectorPath: str('Where the selector of the pods is.'),
        },
        { required: ['specReplicasPath', 'statusReplicasPath'] },
      ),
    }),
    additionalPrinterColumns: list('Columns of `kubectl get`.', COLUMN),
    deprecated: bool('Whether the version is deprecated.'),
    deprecationWarning: str('What its users are told.'),
    selectableFields: list('Fields that can be selected by.', opaque('A field.')),
  },
  { required: ['name', 'served', 'storage'] },
);

export const DEFINITION = kindSchema(
  'A kind that clients define.',
  {
    spec: object(
      'What the kind is.',
      {
        group: str('API group.'),
        scope: str('Namespaced or Cluster.', ['Namespaced', 'Cluster']),
        names: object(
          'How the kind is called.',
          {
            plural: str('As in its path.'),
            singular: str('One of them.'),
            kind: str('As in its objects.'),
            listKind: str('As in its lists.'),
            shortNames: list('Short names.', str('A name.')),
            categories: list('Categories.', str('A category.')),
          },
          { required: ['plural', 'kind'] },
        ),
        versions: list('Versions of the kind.', VERSION),
        conversion: opaque('Between versions; nothing but strategy None is followed here.'),
        preserveUnknownFields: bool('Deprecated.'),
      },
      { required: ['group', 'scope', 'names', 'versions'] },
    ),
    status: opaque('What is served of it.'),
  },
  { required: ['spec'] },
);
