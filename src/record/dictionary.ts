/** Texts that repeat, each kept once and known by a code that counts up from 0. */

import { present } from '../core/assert.ts';

export interface Dictionary {
  readonly size: number;
  /** The text's code, a new one where the text is new. */
  code(text: string): number;
  find(text: string): number | undefined;
  text(code: number): string;
}

export function dictionary(): Dictionary {
  const codes = new Map<string, number>();
  const texts: string[] = [];
  return {
    get size() {
      return texts.length;
    },
    code(text) {
      const found = codes.get(text);
      if (found !== undefined) return found;
      codes.set(text, texts.length);
      texts.push(text);
      return texts.length - 1;
    },
    find: (text) => codes.get(text),
    text: (code) => present(texts[code], `text ${code}`),
  };
}
