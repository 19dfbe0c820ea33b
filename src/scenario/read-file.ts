/** Files that a scenario names, whoever reads them. */

/** Reads a file named in a scenario: its text and the name to show, or why it cannot be read. */
export type ReadFile = (
  file: string,
) =>
  | { readonly text: string; readonly file: string }
  | { readonly message: string; readonly remedy: string };
