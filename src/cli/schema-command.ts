/** `bench schema`: the JSON Schema of scenario files, from which editors complete. */

import type { CommandModule } from 'yargs';
import { jsonSchema } from '../scenario/schema.ts';
import type { Screen } from '../run/session.ts';
import { EXIT, type ExitCode } from '../core/exit-code.ts';
import type { Session } from '../run/session.ts';

export function schemaCommand(session: Session): CommandModule {
  return {
    command: 'schema',
    describe: 'Print the JSON Schema of scenario files',
    builder: (yargs) =>
      yargs.example('$0 schema > bench.schema.json', 'for an editor that completes and checks'),
    handler: () => session.finish(runSchema(session.screen)),
  };
}

/** Prints the schema; the same text as scenarios/schema.json. */
function runSchema(screen: Pick<Screen, 'print'>): ExitCode {
  screen.print(schemaText());
  return EXIT.ok;
}

export function schemaText(): string {
  return `${JSON.stringify(jsonSchema(), undefined, 2)}\n`;
}
