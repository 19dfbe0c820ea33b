/**
 * The only place that prints. Results go to stdout, everything else to stderr, so that a result
 * can be piped while a person still sees what goes on.
 */

import { neutralLines, neutralText } from '../core/neutral-text.ts';
import { hideAddressSecrets } from '../core/secrets.ts';
import type { Host, Output } from '../run/host.ts';
import type { Screen } from '../run/session.ts';

export function createScreen(host: Host): Screen {
  const { out, err, env } = host;
  const colorOn = (output: Output) => output.isTty && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  let drawn = 0;
  const shown = isAsciiLocale(env) ? toAscii : (text: string) => text;
  const erase = () => {
    if (drawn > 0) err.write(`\u001b[${drawn}A\u001b[0J`);
    drawn = 0;
  };
  return {
    out,
    err,
    print(text) {
      erase();
      const plain = neutralLines(hideAddressSecrets(text), colorOn(out));
      // What a program reads stays as it is.
      out.write(/^[[{]/.test(text) ? plain : shown(plain));
    },
    tell(line) {
      erase();
      err.write(`${shown(neutralLines(hideAddressSecrets(line)))}
`);
    },
    command(line) {
      erase();
      err.write(`${neutralText(hideAddressSecrets(line))}
`);
    },
    draw(lines) {
      erase();
      const drawable = lines.map((line) =>
        cut(neutralLines(hideAddressSecrets(line)), err.columns),
      );
      err.write(
        shown(
          drawable
            .map(
              (line) => `${line}
`,
            )
            .join(''),
        ),
      );
      drawn = lines.length;
    },
    colorOn,
  };
}

/** Where nobody says anything of characters, terminals of today take all of them. */
function isAsciiLocale(env: Host['env']): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'];
  return locale === 'C' || locale === 'POSIX';
}

const BARS = '▁▂▃▄▅▆▇█';

/** A bar that is partly filled, or wholly: no sparkline is at its height for so long. */
const FILLED = /█*░+|█{10,}/g;

/** Our own signs in seven bits, each as wide as it was; a sparkline becomes digits. */
function toAscii(text: string): string {
  return text
    .replace(FILLED, (bar) => bar.replaceAll('█', '#').replaceAll('░', '.'))
    .replace(/[…▁-█]/g, (sign) => (sign === '…' ? '.' : String(BARS.indexOf(sign) + 1)));
}

/** A wrapped line would be more lines than are erased. */
function cut(line: string, columns: number): string {
  return line.length < columns ? line : `${line.slice(0, Math.max(0, columns - 2))}…`;
}
