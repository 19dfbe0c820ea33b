/**
 * Secrets in what is written down or shown: passwords in addresses, and what a scenario gives to
 * cloud-init. A run is read by more people than may log in to its VMs. These functions go by lines
 * and know nothing of YAML (`yaml-secrets.ts` does).
 */

import { SECRET_DATA as DATA, SECRET_NAMES as NAMES } from './secret-names.ts';

export const HIDDEN = '...';

/**
 * `scheme://user:password@host`, wherever in a text; a password may have an @ of its own, and a
 * slash, or a quotation mark, where it cannot be taken for a port and a path.
 */
const USER_INFO = new RegExp(
  String.raw`([a-z][a-z0-9+.-]{0,20}:\/\/)` +
    String.raw`(?:[^\s/"'<>]{1,500}|[^\s/"'<>@:]{0,200}:(?!\d{1,5}(?:[/?#]|$))[^\s"<>]{1,500})@`,
  'gi',
);

/** `?token=x`, `&X-Amz-Signature=x`, `#access_token=x`; the name may be written in percents. */
const QUERY = /([?&#;])([^\s?&#;="'<>]{1,80})=[^\s&;"'<>]+/g;
const QUERY_NAME = new RegExp(`(?:${NAMES})$|^(?:sig|key|auth|pass|code)$`, 'i');

/** Any text that may hold an address. */
export function hideAddressSecrets(text: string): string {
  const named = text.includes('@') ? text.replace(USER_INFO, `$1${HIDDEN}@`) : text;
  if (!named.includes('=')) return named;
  return named.replace(QUERY, (whole, mark: string, name: string) =>
    QUERY_NAME.test(decoded(name)) ? `${mark}${name}=${HIDDEN}` : whole,
  );
}

function decoded(name: string): string {
  return name.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** At the beginning of a line, or of an entry of a list: the rest of the line is its value. */
const FIELD = new RegExp(
  String.raw`^([\s-]{0,200}["']?[\w.-]{0,200}(?:${NAMES}|${DATA})["']?\s{0,9}[:=])(.*)$`,
  'i',
);
const QUOTED = String.raw`"(?:[^"\\]|\\.)*"?|'[^']*'?`;
/** Inside a line: up to the end of its text, its entry or its argument. */
const INSIDE = new RegExp(
  String.raw`((?:${NAMES}|${DATA})["']?\s{0,9}[:=]\s{0,9})(${QUOTED}|[^\s,}\]"'][^,}\]"'\\]*)`,
  'gi',
);
/** Of XML, as sysprep reads it. */
const ELEMENT = new RegExp(
  String.raw`(<[a-z]{0,40}(?:${NAMES})>\s{0,9}(?:<value>)?)[^<\s][^<]*`,
  'gi',
);
/** Of a program: `--password x`, `"--password", "x"`. */
const ARGUMENT = new RegExp(
  String.raw`(--(?:[a-z]{1,20}-){0,3}(?:${NAMES})(?:["']?\s{0,3},\s{0,3}|[ =]))` +
    String.raw`(?:${QUOTED}|[^\s"',\]]+)`,
  'gi',
);
/** Programs that take one by a single letter. */
const LETTER = /(\b(?:sshpass|mysql\w{0,9}|useradd|usermod)\b[^|;&\n]{0,200}?\s-p\s{0,3})\S+/g;
const USER_LETTER = /(\s(?:-u|-U|--user|--proxy-user)[\s=]{0,3}["']?[^\s:"'=]{1,80}:)[^\s"']+/g;
/** Of a header. */
const CREDENTIALS = /((?:Bearer|Basic)\s{1,9})[\w+/=.~-]{6,}/g;
/** Programs that read it from what is piped to them, or follows. */
const CHPASSWD = /(?:\|\s{0,9}(?:sudo\s{1,9})?chpasswd\b|\bchpasswd\b.{0,80}<<<)/;
const PIPED = /(\b(?:echo|printf)\s)[^|]{1,500}(\|\s{0,9}(?:sudo\s{1,9})?passwd\b)/g;
const HERE = /\bchpasswd\b.{0,80}<<-?\s{0,9}["']?(\w+)/;
/** What is piped to it. */
const USER_AND_PASSWORD = /([^\s:"']{1,40}:)\S+/g;
const PRIVATE_KEY = /(-----BEGIN [\w ]{0,40}PRIVATE KEY-----)(.*)$/;

/** Lines below a field that are its value, too: a block, or a text that goes on. */
interface Hiding {
  /** Whether this line is still part of it. */
  goesOn(line: string): boolean;
}

/** A text without the secrets in it, of as many lines; line by line, so that it is linear. */
export function hideSecrets(text: string): string {
  let hiding: Hiding | undefined;
  return text
    .split(/(\r\n?|\n)/)
    .map((line, i) => {
      if (i % 2 === 1) return line;
      if (hiding?.goesOn(line)) return line.trim() === '' ? line : indentOf(line) + HIDDEN;
      const field = FIELD.exec(line);
      hiding = startOf(line, field);
      return field === null ? shownLine(line) : shownField(field);
    })
    .join('');
}

function shownField([, name, value = '']: RegExpExecArray): string {
  return `${name}${value.trim() === '' ? value : ` ${HIDDEN}`}`;
}

function shownLine(line: string): string {
  const shown = hideAddressSecrets(line)
    .replace(INSIDE, `$1${HIDDEN}`)
    .replace(ELEMENT, `$1${HIDDEN}`)
    .replace(ARGUMENT, `$1${HIDDEN}`)
    .replace(LETTER, `$1${HIDDEN}`)
    .replace(USER_LETTER, `$1${HIDDEN}`)
    .replace(PIPED, `$1${HIDDEN} $2`)
    .replace(CREDENTIALS, `$1${HIDDEN}`)
    .replace(PRIVATE_KEY, (_, begin: string, rest: string) =>
      rest.trim() === '' ? begin + rest : begin + HIDDEN,
    );
  return CHPASSWD.test(line) ? shown.replace(USER_AND_PASSWORD, `$1${HIDDEN}`) : shown;
}

/** What of the lines after this one is hidden. */
function startOf(line: string, field: RegExpExecArray | null): Hiding | undefined {
  const key = PRIVATE_KEY.exec(line);
  if (key !== null) {
    const isOver = /^(?:\\n)?\.\.\.|-----END /.test(key[2] ?? '');
    return isOver ? undefined : untilMatch(/-----END /);
  }
  const [, word] = HERE.exec(line) ?? [];
  if (word !== undefined) return untilMatch(RegExp(String.raw`^\s*${word}\s*$`));
  if (field === null) return undefined;
  const value = (field[2] ?? '').trim();
  const end = QUOTE_ENDS[value[0] ?? ''];
  if (end !== undefined) return end.test(value.slice(1)) ? undefined : untilMatch(end);
  // A value of one line may go on below, as long as that is further in than its name.
  const column = indentOf(line).length;
  return { goesOn: (next) => next.trim() === '' || indentOf(next).length > column };
}

/** Up to the quotation mark that is no part of the text. */
const QUOTE_ENDS: Readonly<Record<string, RegExp>> = {
  '"': /^(?:[^"\\]|\\.)*"/,
  "'": /^(?:[^']|'')*'(?!')/,
};

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
