/**
 * `npm run build [-- FOLDER]`: the command line as a few files, in `dist`. Half of what a short
 * command costs is the loading of modules, and the sources are a thousand. Libraries stay packages
 * of their own, with their licences; types are checked by `npm run typecheck`.
 */

import { isAbsolute, resolve } from 'node:path';
import { rolldown } from 'rolldown';

const dir = resolve(process.argv[2] ?? 'dist');

const bundle = await rolldown({
  cwd: import.meta.dirname,
  input: { main: 'src/main.ts', 'watch-worker': 'src/observe/watch-worker.ts' },
  platform: 'node',
  external: (id) => !id.startsWith('.') && !isAbsolute(id),
});
await bundle.write({ dir, chunkFileNames: '[name].js', sourcemap: true, cleanDir: true });
await bundle.close();
