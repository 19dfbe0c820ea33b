/**
 * Secrets in what is written down or shown: passwords in addresses, and what a scenario gives to
 * cloud-init. A run is read by more people than may log in to its VMs.
 */

const HIDDEN = '...';

/** `scheme://user:password@host`, wherever in a text; a password may have an @ of its own. */
const USER_INFO = /([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/"'<>]{1,500}@/gi;

/** Names whose values nobody should read, as the ends of longer names too. */
const NAMES =
  'passw(?:or)?d|passphrase|[_-]secret|[a-z]Secret|token|credentials?|signature|' +
  '(?:api|access|activation|private|secret)[_-]?key|rsa_private|ecdsa_private|ed25519_private';

/** `?token=x`, `&X-Amz-Signature=x`. */
const QUERY = new RegExp(String.raw`([?&][^\s?&=]{0,40}(?:${NAMES}|\bsig)=)[^\s&"'<>]+`, 'gi');

/** Any text that may hold an address. */
export function hideAddressSecrets(text: string): string {
  const named = text.includes('@') ? text.replace(USER_INFO, `$1${HIDDEN}@`) : text;
  return named.includes('?') ? named.replace(QUERY, `$1${HIDDEN}`) : named;
}

/** What cloud-init and sysprep are given is a secret as a whole: it may hold some anywhere. */
const DATA = 'userData(?:Base64)?|networkData(?:Base64)?|user-data|chpasswd';

/** At the beginning of a line, or of an entry of a list: the rest of the line is its value. */
const FIELD = new RegExp(
  String.raw`^([\s-]{0,200}["']?[\w.-]{0,200}(?:${NAMES}|${DATA})["']?\s{0,9}[:=])(.*)$`,
  'i',
);
/** Inside a line: up to the end of its text, its entry or its argument. */
const INSIDE = new RegExp(
  String.raw`((?:${NAMES}|${DATA})["']?\s{0,9}[:=]\s{0,9})` +
    String.raw`("(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s,}\]"'][^,}\]"'\\]*)`,
  'gi',
);
/** Of a program: `--password x`. */
const ARGUMENT = new RegExp(String.raw`(--(?:[a-z]{1,20}-){0,3}(?:${NAMES})[ =])\S+`, 'gi');
/** Of a header. */
const CREDENTIALS = /((?:Bearer|Basic)\s{1,9})[\w+/=.~-]{6,}/g;
const CHPASSWD = /\|\s{0,9}(?:sudo\s{1,9})?chpasswd\b/;
/** What is piped to it. */
const USER_AND_PASSWORD = /([^\s:"']{1,40}:)\S+/g;

/** Lines below a field that are its value, too: a block, or a text that goes on. */
interface Hiding {
  /** Whether this line is still part of it. */
  goesOn(line: string): boolean;
}

/** A scenario's text without the secrets in it; line by line, so that it is linear. */
export function hideSecrets(text: string): string {
  let hiding: Hiding | undefined;
  return text
    .split('\n')
    .map((line) => {
      if (hiding?.goesOn(line)) return line.trim() === '' ? line : indentOf(line) + HIDDEN;
      const field = FIELD.exec(line);
      hiding = startOf(line, field);
      return field === null ? shownLine(line) : shownField(field);
    })
    .join('\n');
}

function shownField([, name, value = '']: RegExpExecArray): string {
  return `${name}${value.trim() === '' ? value : ` ${HIDDEN}`}`;
}

function shownLine(line: string): string {
  const shown = hideAddressSecrets(line)
    .replace(INSIDE, `$1${HIDDEN}`)
    .replace(ARGUMENT, `$1${HIDDEN}`)
    .replace(CREDENTIALS, `$1${HIDDEN}`);
  return CHPASSWD.test(line) ? shown.replace(USER_AND_PASSWORD, `$1${HIDDEN}`) : shown;
}

/** What of the lines after this one is hidden. */
function startOf(line: string, field: RegExpExecArray | null): Hiding | undefined {
  if (/-----BEGIN [\w ]*PRIVATE KEY-----/.test(line)) return untilMatch(/-----END /);
  if (field === null) return undefined;
  const [, , value = ''] = field;
  const [quote, rest] = [/^\s*(["'])/.exec(value)?.[1], value.trim().slice(1)];
  if (quote !== undefined) return rest.includes(quote) ? undefined : untilMatch(RegExp(quote));
  // A value of one line may go on below, as long as that is further in than its name.
  const column = indentOf(line).length;
  return { goesOn: (next) => next.trim() === '' || indentOf(next).length > column };
}

function untilMatch(end: RegExp): Hiding {
  let isOver = false;
  return {
    goesOn(line) {
      const wasOver = isOver;
      isOver ||= end.test(line);
      return !wasOver;
    },
  };
}

/** The marks of list entries count: what they hold is further in. */
function indentOf(line: string): string {
  return /^(?:\s|-(?=\s))*/.exec(line)?.[0].replaceAll('-', ' ') ?? '';
}
