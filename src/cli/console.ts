/**
 * The only place that prints. Results go to stdout, everything else to stderr, so that a result
 * can be piped while a person still sees what goes on.
 */

import type { Host } from '../run/host.ts';
import type { Screen } from '../run/session.ts';

export function createScreen(host: Host): Screen {
  const { out, err, env } = host;
  let drawn = 0;
  const erase = () => {
    if (drawn > 0) err.write(`\u001b[${drawn}A\u001b[0J`);
    drawn = 0;
  };
  return {
    out,
    err,
    print(text) {
      erase();
      out.write(text);
    },
    tell(line) {
      erase();
      err.write(`${line}\n`);
    },
    draw(lines) {
      erase();
      err.write(lines.map((line) => `${cut(line, err.columns)}\n`).join(''));
      drawn = lines.length;
    },
    colorOn: (output) => output.isTty && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
  };
}

/** A wrapped line would be more lines than are erased. */
function cut(line: string, columns: number): string {
  return line.length < columns ? line : `${line.slice(0, Math.max(0, columns - 2))}…`;
}
