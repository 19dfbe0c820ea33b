/** Lets every ready promise finish: microtasks are drained, and one turn of the loop has passed. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
