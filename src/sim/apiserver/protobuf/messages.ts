/**
 * The messages of Kubernetes' API by name: which field is what. Each line of the tables reads
 * `Message: name=number:type`, where a type is a message, or `s` text, `b` boolean, `i` integer,
 * `y` bytes; `*` is a list, `%` a map from text, `?` is left out of JSON when zero, and a field
 * named `^` stands for the fields of its message.
 */

import { MESSAGES_FIRST } from './messages-first.ts';
import { MESSAGES_SECOND } from './messages-second.ts';

export interface FieldType {
  /** `^` where the field's members are the message's own. */
  readonly name: string;
  /** A message, or one of the scalars and well-known types. */
  readonly type: string;
  readonly shape: 'one' | 'list' | 'map';
  readonly omitZero: boolean;
}

/** Fields by number. */
export type MessageType = ReadonlyMap<number, FieldType>;

let messages: ReadonlyMap<string, MessageType> | undefined;

/** Undefined where there is no such message. */
export function messageType(name: string): MessageType | undefined {
  messages ??= parseTables();
  return messages.get(name);
}

/** The message of a kind, such as `v1` `Pod`; undefined where none is known. */
export function rootMessage(apiVersion: string, kind: string): string | undefined {
  // Deletion options come in the version of what is deleted.
  if (kind === 'DeleteOptions') return kind;
  if (apiVersion === 'events.k8s.io/v1' && kind === 'Event') return 'EventsEvent';
  return messageType(kind) === undefined ? undefined : kind;
}

function parseTables(): ReadonlyMap<string, MessageType> {
  const unwrapped = (MESSAGES_FIRST + MESSAGES_SECOND).replaceAll(/\n +/g, ' ');
  const entries = unwrapped.split('\n').flatMap((line) => {
    const colon = line.indexOf(':');
    if (colon < 0) return [];
    const fields = line
      .slice(colon + 1)
      .split(' ')
      .filter((field) => field !== '');
    return [[line.slice(0, colon), new Map(fields.map(parseField))] as const];
  });
  return new Map(entries);
}

function parseField(text: string): readonly [number, FieldType] {
  const [, name = '', number = '', type = '', mark = '', zero] =
    /^([^=]+)=(\d+):(\w+)([*%]?)(\?)?$/.exec(text) ?? [];
  const shape = mark === '*' ? 'list' : mark === '%' ? 'map' : 'one';
  return [Number(number), { name, type, shape, omitZero: zero !== undefined }];
}
