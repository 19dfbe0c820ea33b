/** Names whose values nobody should read, as regular expressions: the ends of longer names too. */

export const SECRET_NAMES =
  'passw(?:or)?ds?|passphrase|[_-]secret|[a-z]Secret|token|credentials?|signature|' +
  '(?:api|access|activation|private|secret|shared)[_-]?key|' +
  'rsa_private|ecdsa_private|ed25519_private|' +
  '(?<![a-z])(?:pwd|psk|jwt|authorization)';

/** What cloud-init, sysprep and container engines are given is a secret as a whole. */
export const SECRET_DATA =
  'userData(?:Base64)?|networkData(?:Base64)?|user-data|chpasswd|' +
  String.raw`(?:auto)?unattend(?:\.xml)?|\.docker(?:configjson|cfg)`;

const NAME = new RegExp(`(?:${SECRET_NAMES}|${SECRET_DATA})$`, 'i');
/** These mean something else where they have fields of their own. */
const SCALAR_NAME = /^(?:auth|pass)$/i;
const OPTION = new RegExp(`^--?[a-z-]*(?:${SECRET_NAMES})$`, 'i');
/** What a Secret holds. */
const CONTENT: ReadonlySet<string> = new Set(['data', 'stringData']);

/** Whether a field of that name holds a secret. */
export function isSecretName(name: string, isScalar: boolean): boolean {
  return NAME.test(name) || (isScalar && SCALAR_NAME.test(name));
}

/** `--password`: what follows it in a list is one. */
export function isSecretOption(word: unknown): boolean {
  return typeof word === 'string' && OPTION.test(word);
}

/**
 * Whether a field is one by its mapping: data of a Secret, or the value of an entry of an
 * environment, `{ name: DB_PASSWORD, value: ... }`.
 */
export function secretByMapping(kind: unknown, name: unknown): (field: string) => boolean {
  const isSecret = kind === 'Secret';
  const isNamed = typeof name === 'string' && NAME.test(name);
  return (field) => (isSecret && CONTENT.has(field)) || (isNamed && field === 'value');
}
