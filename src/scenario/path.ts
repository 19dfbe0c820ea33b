/** Places in a YAML tree. */

export type Path = readonly (string | number)[];

/** `steps.0.clone.count`. */
export function formatPath(path: Path): string {
  return path.join('.');
}
