/**
 * Secrets in what is written down or shown: passwords in URLs, and what cloud-init data of a
 * scenario sets. A run is read by more people than may log in to its VMs.
 */

const HIDDEN = '...';

/** `scheme://user:password@host`, wherever in a text. */
const USER_INFO = /([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@"'<>]{1,500}@/gi;

/** Any text that may hold an address. */
export function hideUserInfo(text: string): string {
  return text.includes('@') ? text.replace(USER_INFO, `$1${HIDDEN}@`) : text;
}

/** `password: x`, `hashed_passwd: "x"`, `userDataBase64: x`, in YAML and in JSON. */
const SECRET_NAME = String.raw`["']?[\w.-]{0,40}(?:passw(?:or)?d|secret|token|userDataBase64)["']?`;
const SECRET_FIELD = new RegExp(
  String.raw`^([\s{,-]*${SECRET_NAME}\s{0,9}:\s{0,9})(?![\s|>]*$)(.+)$`,
  'i',
);

/** Of cloud-init's chpasswd: lines of `user:password` below it. */
const SECRET_LIST = /^(\s*)(?:-\s+)?(?:chpasswd|list)\s*:.*$/;
const USER_AND_PASSWORD = /^(\s*(?:-\s*)?["']?[\w.-]{1,40}:)(\S.*)$/;

/** A scenario's text without the passwords in it; line by line, so that it is linear. */
export function hideSecrets(text: string): string {
  let listIndent: number | undefined;
  return text
    .split('\n')
    .map((line) => {
      const indent = line.length - line.trimStart().length;
      if (listIndent !== undefined && line.trim() !== '' && indent <= listIndent) {
        listIndent = undefined;
      }
      const list = SECRET_LIST.exec(line);
      if (list) listIndent = list[1]?.length ?? 0;
      const shown = hideUserInfo(line).replace(SECRET_FIELD, `$1${HIDDEN}`);
      if (listIndent === undefined || list || shown !== line) return shown;
      return shown.replace(USER_AND_PASSWORD, `$1${HIDDEN}`);
    })
    .join('\n');
}
