/** ListObjectsV2: what a bucket holds below a prefix, page by page. */

import { parseXml, type XmlElement, XmlError } from '@rgrove/parse-xml';
import { type ExchangeOptions, exchange, readWhole } from './exchange.ts';
import type { BucketPlace } from './place.ts';
import { foreignAnswer } from './trouble.ts';

export interface Listed {
  /** Without the prefix of the bucket's address; of a folder with a slash at its end. */
  readonly key: string;
  readonly isFolder: boolean;
}

/** A page has at most 1,000 entries, of at most 1,024 bytes each, escaped. */
const PAGE_CHARS_MAX = 8 * 1024 * 1024;

/** What is directly in `folder` (empty, or with a slash at its end). Throws BucketError. */
export async function* listFolder(
  options: ExchangeOptions,
  folder: string,
): AsyncGenerator<Listed> {
  const { place } = options;
  const prefix = `${place.prefix}${folder}`;
  const query = { 'list-type': '2', 'encoding-type': 'url', delimiter: '/', prefix };
  const seen = new Set<string>();
  for (let token: string | undefined = ''; token !== undefined; ) {
    const more: Readonly<Record<string, string>> =
      token === '' ? {} : { 'continuation-token': token };
    const request = { method: 'GET', key: '', query: { ...query, ...more } } as const;
    const text = await exchange(options, request, (incoming) =>
      readWhole(place, incoming, PAGE_CHARS_MAX),
    );
    const page = readPage(place, text);
    for (const { key, isFolder } of page.entries) {
      if (!key.startsWith(prefix)) throw foreignAnswer(place, `lists ${quoted(key)}, unasked`);
      if (key !== prefix) yield { key: key.slice(place.prefix.length), isFolder };
    }
    token = page.next;
    if (token === undefined) return;
    if (seen.has(token)) throw foreignAnswer(place, 'lists without end');
    seen.add(token);
  }
}

const quoted = (text: string) => JSON.stringify(text.slice(0, 80));

interface Page {
  readonly entries: readonly Listed[];
  readonly next: string | undefined;
}

function readPage(place: BucketPlace, text: string): Page {
  const root = rootOf(place, text);
  const entries = childrenOf(root).flatMap((each): readonly Listed[] => {
    if (each.name === 'Contents') return [{ key: decoded(place, each, 'Key'), isFolder: false }];
    if (each.name !== 'CommonPrefixes') return [];
    return [{ key: decoded(place, each, 'Prefix'), isFolder: true }];
  });
  const next = textOf(root, 'NextContinuationToken');
  if (textOf(root, 'IsTruncated') !== 'true') return { entries, next: undefined };
  if (!next) throw foreignAnswer(place, 'cuts a list off and does not say where to go on');
  return { entries, next };
}

/** parse-xml knows no entities but XML's own five, and takes nothing from a DTD. */
function rootOf(place: BucketPlace, text: string): XmlElement {
  try {
    const { root } = parseXml(text);
    if (root?.name === 'ListBucketResult') return root;
  } catch (error) {
    // Nested without end, it exhausts the stack.
    if (!(error instanceof XmlError || error instanceof RangeError)) throw error;
  }
  throw foreignAnswer(place, 'answers no list');
}

function childrenOf(element: XmlElement): readonly XmlElement[] {
  return element.children.filter((child): child is XmlElement => child.type === 'element');
}

function textOf(element: XmlElement, name: string): string | undefined {
  return childrenOf(element).find((child) => child.name === name)?.text;
}

function decoded(place: BucketPlace, element: XmlElement, name: string): string {
  const text = textOf(element, name) ?? '';
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw foreignAnswer(place, `lists ${quoted(text)}, which is no name`);
  }
}
