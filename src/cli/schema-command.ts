/** `bench schema`: the JSON Schema of scenario and study files, from which editors complete. */

import type { CommandBody } from './command-body.ts';
import { jsonSchema } from '../scenario/schema.ts';
import { EXIT } from '../core/exit-code.ts';
import type { Session } from '../run/session.ts';
import { studyJsonSchema } from '../study/study-schema.ts';

interface SchemaArguments {
  readonly of: 'scenario' | 'study';
}

export function schemaCommand({ screen, finish }: Session): CommandBody<SchemaArguments> {
  return {
    builder: (yargs) =>
      yargs
        .positional('of', { choices: ['scenario', 'study'] as const, default: 'scenario' as const })
        .example('$0 schema > bench.schema.json', 'for an editor that completes and checks'),
    handler: ({ of }) => {
      screen.print(of === 'study' ? text(studyJsonSchema()) : schemaText());
      finish(EXIT.ok);
    },
  };
}

/** The same text as scenarios/schema.json. */
export function schemaText(): string {
  return text(jsonSchema());
}

function text(schema: Record<string, unknown>): string {
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
