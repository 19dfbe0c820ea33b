/**
 * The style that a reader relies on, enforced: imports run downward, no cycles, no forbidden
 * calls, no drawers, files and functions of a size that can be read. Each message names the remedy.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { codeLines, readSources, ROOT, type SourceFile } from './support/sources.ts';

const HARNESS = [
  'report',
  'drive',
  'observe',
  'calibrate',
  'compare',
  'cluster',
  'plan',
  'analyse',
  'scenario',
  'record',
];
const SHARED = ['capacity', 'kube', 'api', 'parameters', 'catalogue', 'core'];
const SIM = ['sim/apiserver', 'sim/hardware', 'sim/monitoring', 'sim/kernel'];
const WHOLE_SIM = [...SIM, 'sim/controllers', 'sim/simulator.ts', 'sim/host'];

/** What each room may import beside itself: the table of src/ARCHITECTURE.md. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'main.ts': ['cli', 'study', 'run', 'benchmark.ts', ...HARNESS, ...SHARED],
  cli: [
    'study',
    'run',
    'benchmark.ts',
    ...HARNESS,
    'bucket',
    ...SHARED,
    'sim/simulator.ts',
    'sim/host',
  ],
  study: ['run', 'benchmark.ts', ...HARNESS, 'bucket', ...SHARED],
  run: ['benchmark.ts', ...HARNESS, ...SHARED],
  'benchmark.ts': [...HARNESS, ...SHARED],
  report: ['calibrate', 'compare', 'analyse', 'record', 'parameters', 'catalogue', 'core'],
  drive: ['observe', 'plan', 'record', 'kube', 'api', 'catalogue', 'core'],
  observe: ['plan', 'record', 'kube', 'api', 'catalogue', 'core'],
  cluster: ['plan', 'record', 'kube', 'capacity', 'api', 'core'],
  calibrate: ['scenario', 'analyse', 'record', 'parameters', 'core'],
  compare: ['analyse', 'record', 'catalogue', 'core'],
  plan: ['scenario', 'capacity', 'api', 'parameters', 'catalogue', 'core'],
  analyse: ['record', 'catalogue', 'core'],
  'sim/host': ['sim/simulator.ts', 'sim/controllers', ...SIM, 'kube', 'api', 'parameters', 'core'],
  'sim/simulator.ts': ['sim/controllers', ...SIM, 'kube', 'api', 'parameters', 'core'],
  scenario: ['parameters', 'catalogue', 'core'],
  record: ['catalogue', 'core'],
  'sim/controllers': [
    'sim/hardware',
    'sim/monitoring',
    'sim/kernel',
    'kube',
    'capacity',
    'api',
    'parameters',
    'core',
  ],
  capacity: ['api', 'core'],
  bucket: ['kube', 'core'],
  kube: ['api', 'core'],
  'sim/apiserver': ['sim/monitoring', 'sim/kernel', 'api', 'parameters', 'core'],
  'sim/hardware': ['sim/monitoring', 'sim/kernel', 'api', 'parameters', 'core'],
  'sim/monitoring': ['api', 'parameters', 'core'],
  api: ['core'],
  parameters: ['core'],
  catalogue: ['core'],
  'sim/kernel': ['core'],
  core: [],
};

interface Ban {
  readonly pattern: RegExp;
  readonly allowedIn: RegExp;
  readonly remedy: string;
}

const BANS: readonly Ban[] = [
  ban(/\bDate\.now\b|\bnew Date\(/, /^core\//, 'take a Clock (core/clock.ts) or core/time-text.ts'),
  ban(/\bperformance\.now\b/, /^core\//, 'take a Clock (core/clock.ts)'),
  ban(/\bset(Timeout|Interval)\b/, /^core\//, 'use clock.sleep or clock.schedule'),
  ban(/\bMath\.random\b|\brandomUUID\b/, /^core\/rng/, 'take an Rng (core/rng.ts)'),
  ban(/\bprocess\./, /^main\.ts$/, 'let main.ts pass it in'),
  ban(/\bconsole\./, /^cli\/console\.ts$/, 'print through cli/console.ts'),
  ban(/^\s*(export\s+)?(const\s+)?enum\s/, /^$/, 'use a union of string literals'),
  ban(/:\s*any\b|\bas any\b|<any>/, /^$/, 'use unknown and narrow it'),
  ban(/^\s*export default\b/, /^$/, 'use a named export'),
  ban(/^\s*export (\*|type \*|\{[^}]*\}) from\b/, /^$/, 'import from the file that defines it'),
];

function ban(pattern: RegExp, allowedIn: RegExp, remedy: string): Ban {
  return { pattern, allowedIn, remedy };
}

const LINES_MAX = 350;
const FUNCTION_LINES_MAX = 70;
const COLUMNS_MAX = 100;

const sources = readSources();

function roomName(path: string): string {
  const parts = path.split('/');
  if (parts.length === 1) return parts[0] ?? '';
  if (parts[0] === 'sim') return `sim/${parts[1]}`;
  return parts[0] ?? '';
}

describe('layers', () => {
  test('every source stands in a room of the table', () => {
    const strangers = sources.filter(({ path }) => MAY_IMPORT[roomName(path)] === undefined);
    expect(strangers.map(({ path }) => path)).toEqual([]);
  });

  test('imports run downward', () => {
    expect(sources.flatMap(upwardImports)).toEqual([]);
  });

  test('only cli/target.ts imports both wings', () => {
    expect(sources.filter(joinsWings).map(({ path }) => path)).toEqual(['cli/target.ts']);
  });

  test('another file that joins the wings would be found', () => {
    const imports = ['record/entry.ts', 'sim/kernel/kernel.ts'];
    expect(joinsWings({ path: 'cli/x.ts', text: '', imports })).toBe(true);
    expect(joinsWings({ path: 'drive/x.ts', text: '', imports: ['sim/simulator.ts'] })).toBe(true);
    expect(joinsWings({ path: 'sim/host/x.ts', text: '', imports: ['plan/plan.ts'] })).toBe(true);
  });

  test('an upward import would be found', () => {
    const planted = { path: 'core/heap.ts', text: '', imports: ['kube/client.ts'] };
    expect(upwardImports(planted)).toHaveLength(1);
  });
});

/**
 * The folders inside a room, lowest first: a folder imports only from those before it, and those of
 * one line know nothing of each other. `.` is the room itself.
 */
const ORDER_WITHIN: Readonly<Record<string, readonly string[]>> = {
  'sim/controllers': ['chassis', 'compute lab storage workloads', 'storage/cdi', '.'],
  'sim/apiserver': [
    'core protobuf table',
    'authorization schema',
    'kinds patches',
    'registry',
    'apply checks openapi',
    'requests',
    'custom faults',
    'server',
    '. wire',
    'https',
  ],
  'sim/hardware': ['storage', 'node rbd', 'local', '.'],
  report: [
    'assets chart csv facts',
    'wording',
    'figures',
    'inputs png',
    'document',
    'content html terminal',
    '. nightly',
    'calibration export study trend',
  ],
  analyse: ['clocks statistics', 'narrowing', '.'],
  compare: ['change-points history', '. nightly', 'trend'],
};

const folderName = (path: string) => path.split('/').slice(0, -1).join('/');

describe('folders', () => {
  test.each(Object.keys(ORDER_WITHIN))('inside %s imports run downward', (room) => {
    expect(sources.flatMap((source) => importsAgainstOrder(room, source))).toEqual([]);
  });

  test('no two know each other', () => {
    expect(mutualFolders(sources)).toEqual([]);
  });

  test('an import against the order, and a mutual pair, would be found', () => {
    const planted = [
      { path: 'report/csv/a.ts', text: '', imports: ['report/export/b.ts'] },
      { path: 'report/export/b.ts', text: '', imports: ['report/csv/c.ts'] },
    ];
    expect(planted.flatMap((source) => importsAgainstOrder('report', source))).toHaveLength(1);
    expect(mutualFolders(planted)).toEqual(['report/csv <-> report/export']);
  });
});

function importsAgainstOrder(room: string, { path, imports }: SourceFile): readonly string[] {
  const order = (ORDER_WITHIN[room] ?? []).map((line) => line.split(' '));
  const place = (file: string) => folderName(file).slice(room.length + 1) || '.';
  const height = (file: string) => order.findIndex((line) => line.includes(place(file)));
  if (!path.startsWith(`${room}/`)) return [];
  if (height(path) < 0) return [`src/${path}: give its folder a place in ORDER_WITHIN`];
  return imports
    .filter((target) => target.startsWith(`${room}/`) && place(target) !== place(path))
    .filter((target) => height(target) >= height(path))
    .map((target) => `src/${path} imports ${target}, which stands no lower in ${room}`);
}

/** Files at the top are rooms of their own. */
function mutualFolders(files: readonly SourceFile[]): readonly string[] {
  const known = new Set<string>();
  for (const { path, imports } of files) {
    for (const target of imports) known.add(`${folderName(path)} > ${folderName(target)}`);
  }
  return [...known].flatMap((edge) => {
    const [from = '', to = ''] = edge.split(' > ');
    const counts = from !== '' && to !== '' && from < to && known.has(`${to} > ${from}`);
    return counts ? [`${from} <-> ${to}`] : [];
  });
}

/** Whether a file knows the simulator and the harness, by what it imports and where it stands. */
function joinsWings({ path, imports }: SourceFile): boolean {
  const rooms = [path, ...imports].map(roomName);
  const touches = (wing: readonly string[]) => rooms.some((room) => wing.includes(room));
  return touches(WHOLE_SIM) && touches([...HARNESS, 'study', 'run', 'benchmark.ts']);
}

function upwardImports({ path, imports }: SourceFile): readonly string[] {
  const room = roomName(path);
  const allowed = MAY_IMPORT[room] ?? [];
  return imports
    .filter((target) => roomName(target) !== room && !allowed.includes(roomName(target)))
    .map((target) => `src/${path} imports ${target}: ${room} may import ${allowed.join(', ')}`);
}

describe('cycles', () => {
  test('no file imports itself by a detour, type imports counted', () => {
    expect(findCycles(sources)).toEqual([]);
  });

  test('a cycle would be found', () => {
    const planted = [
      { path: 'a.ts', text: '', imports: ['b.ts'] },
      { path: 'b.ts', text: '', imports: ['a.ts'] },
    ];
    expect(findCycles(planted)).toEqual(['a.ts -> b.ts -> a.ts']);
  });
});

function findCycles(files: readonly SourceFile[]): readonly string[] {
  const importsOf = new Map(files.map(({ path, imports }) => [path, imports]));
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
      return;
    }
    state.set(path, 'open');
    for (const target of importsOf.get(path) ?? []) visit(target, [...trail, path]);
    state.set(path, 'done');
  };
  for (const { path } of files) visit(path, []);
  return cycles;
}

describe('ban list', () => {
  test.each(BANS)('$pattern: $remedy', (rule) => {
    expect(sources.flatMap((source) => offences(source, rule))).toEqual([]);
  });

  test('a banned call would be found, and one in a comment or a string would not', () => {
    const rule = BANS[0] as Ban;
    const planted = { path: 'plan/x.ts', imports: [], text: "// Date.now\nconst a = 'Date.now';" };
    expect(offences(planted, rule)).toEqual([]);
    expect(offences({ ...planted, text: 'const a = Date.now();' }, rule)).toHaveLength(1);
  });

  test('no drawers: utils, helpers, common, misc', () => {
    const drawers = sources.filter(({ path }) =>
      /(^|[/-])(utils?|helpers?|common|misc)(\.|\/|-)/.test(path),
    );
    expect(drawers.map(({ path }) => path)).toEqual([]);
  });

  test('plan and analyse decide; they do not wait', () => {
    const rule = ban(/\basync\b|\bawait\b/, /^(?!plan\/|analyse\/|capacity\/)/, 'decide purely');
    expect(sources.flatMap((source) => offences(source, rule))).toEqual([]);
  });
});

function offences({ path, text }: SourceFile, rule: Ban): readonly string[] {
  if (rule.allowedIn.test(path)) return [];
  return codeLines(text).flatMap((line, index) =>
    rule.pattern.test(line) ? [`src/${path}:${index + 1} ${line.trim()}: ${rule.remedy}`] : [],
  );
}

describe('size', () => {
  test(`no file is longer than ${LINES_MAX} lines`, () => {
    const long = sources.filter(({ text }) => text.split('\n').length - 1 > LINES_MAX);
    expect(long.map(({ path, text }) => `${path}: ${text.split('\n').length - 1}`)).toEqual([]);
  });

  test(`no function is longer than ${FUNCTION_LINES_MAX} lines`, () => {
    expect(sources.flatMap(longFunctions)).toEqual([]);
  });

  test(`no line is wider than ${COLUMNS_MAX} columns`, () => {
    const wide = sources.flatMap(({ path, text }) =>
      text
        .split('\n')
        .flatMap((line, i) => (line.length > COLUMNS_MAX ? [`src/${path}:${i + 1}`] : [])),
    );
    expect(wide).toEqual([]);
  });

  test('every file opens with a sentence that says what it decides', () => {
    const silent = sources.filter(({ text }) => !/^(#!.*\n)?\/\*\*/.test(text));
    expect(silent.map(({ path }) => path)).toEqual([]);
  });
});

/** Top-level functions, by the formatter's layout: from `function` to the closing brace. */
function longFunctions({ path, text }: SourceFile): readonly string[] {
  const lines = text.split('\n');
  const long: string[] = [];
  lines.forEach((line, start) => {
    const match = /^(?:export )?(?:async )?function\*? (\w+)/.exec(line);
    if (!match) return;
    const length = lines.slice(start).findIndex((candidate) => candidate.startsWith('}')) + 1;
    if (length > FUNCTION_LINES_MAX) long.push(`src/${path} ${match[1]}: ${length} lines`);
  });
  return long;
}

test('the top level holds what the README says, and nothing else', () => {
  const allowed = [
    'src',
    'scenarios',
    'results',
    'reports',
    'test',
    'docs',
    'deploy',
    'packages',
    'node_modules',
    'dist',
    'coverage',
  ];
  const folders = readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name);
  expect(folders.filter((name) => !allowed.includes(name))).toEqual([]);
});

test('files that stand in for modules have a worker of their own', () => {
  const config = readFileSync(join(ROOT, 'vitest.config.ts'), 'utf8');
  const mocking = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .filter((path) => /^vi\.mock\(/m.test(readFileSync(join(ROOT, 'test', path), 'utf8')));
  // Where others have loaded the module before, nothing stands in for it: see MOCKING there.
  expect(mocking.filter((path) => !config.includes(`'test/${path}'`))).toEqual([]);
  expect(mocking.length).toBeGreaterThan(0);
});
