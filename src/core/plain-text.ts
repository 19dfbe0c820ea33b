/** Texts of others, made fit for a line of ours. */

/** Text without what a terminal would obey, on one line. */
export function plainText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
}

const SENTENCE_MOST = 140;

/** The first sentence of what a server said, without the request that it answers. */
export function firstSentence(message: string): string {
  const text = plainText(message).replace(/^(GET|POST|PUT|PATCH|DELETE) \S+: /, '');
  const sentence = /^.*?\.(?= |$)/.exec(text)?.[0].slice(0, -1) ?? text;
  return sentence.length > SENTENCE_MOST ? `${sentence.slice(0, SENTENCE_MOST - 1)}…` : sentence;
}
