/** Who sends a request, as far as rights go. */

export interface User {
  readonly username: string;
  readonly groups: readonly string[];
}
