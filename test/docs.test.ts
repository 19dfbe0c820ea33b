/** What the README and docs/ say is held against the product: commands, links, scenario, figures. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseScenario } from '../src/scenario/parse.ts';
import { cli } from './cli/harness.ts';
import { ROOT } from './support/sources.ts';

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** README, CONTRIBUTING and the pages that the README leads to. */
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`),
].map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

const prose = pages.map(({ text }) => text).join('\n');

const example = join(ROOT, 'reports/example/10k-mixed');

function codeBlocks(language: string): readonly string[] {
  const blocks = readme.matchAll(/```(\w+)\n([\s\S]*?)```/g);
  return [...blocks].filter(([, name]) => name === language).map(([, , text = '']) => text);
}

test('the example is of the first command, and names no folder of the machine it was made on', () => {
  const page = readFileSync(join(example, 'index.html'), 'utf8');
  expect(readme).toContain('bench run scenarios/10k-mixed.yaml');
  expect(page).toContain('<td>bench run scenarios/10k-mixed.yaml</td>');
  expect(page).toContain('<td>scenarios/10k-mixed.yaml</td>');
});

test('every command that is named is one that bench has', async () => {
  const { out } = await cli(['--help']);
  const named = [...prose.matchAll(/\bbench (run|[a-z]+(?= [A-Z./<-]|`))/g)];
  const commands = new Set(named.map(([, command = '']) => command));
  expect(commands.size).toBeGreaterThan(5);
  const unknown = [...commands].filter((command) => !out.includes(`bench ${command}`));
  expect(unknown).toEqual([]);
});

test('every scenario file that is named is shipped', () => {
  const files = new Set([...prose.matchAll(/scenarios\/[\w-]+\.yaml/g)].map(([file]) => file));
  expect(files.size).toBeGreaterThan(3);
  expect([...files].filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
});

test('every link leads somewhere', () => {
  const links = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, target = '']) => ({ path, target })),
  );
  expect(links.length).toBeGreaterThan(20);
  const broken = links.filter(({ path, target }) => !existsSync(join(ROOT, dirname(path), target)));
  expect(broken).toEqual([]);
});

test('each page of docs/ is one that the README leads to', () => {
  const unnamed = pages.filter(({ path }) => path.startsWith('docs/') && !readme.includes(path));
  expect(unnamed.map(({ path }) => path)).toEqual([]);
});

test('the scenario of the README is a valid one', () => {
  const [text = ''] = codeBlocks('yaml');
  const parsed = parseScenario(text, join(ROOT, 'scenarios/my-first.yaml'), {
    overrides: [],
    readFile: (named) => {
      const file = join(ROOT, 'scenarios', named);
      return { text: readFileSync(file, 'utf8'), file };
    },
  });
  expect('problems' in parsed ? parsed.problems : []).toEqual([]);
});

describe('the figures of the README are those of the committed example', () => {
  const headline = codeBlocks('text')[0] ?? '';
  const summary = readFileSync(join(example, 'summary.md'), 'utf8');

  test.each([
    ['speed-up', /([\d.]+)x as fast/, /\*\*([\d.]+)x as fast/],
    ['RHEL 9 ready', /100 RHEL 9 VMs [^:]*: ([\d.]+) s/, /100 RHEL 9 VMs [^:]*: \*\*([\d.]+) s/],
    [
      'Windows 11 ready',
      /100 Windows 11 VMs [^:]*:\s+([\d.]+) s/,
      /100 Windows 11 VMs [^:]*: \*\*([\d.]+) s/,
    ],
    [
      'whole wave',
      /whole wave from its\s+release\s+([\d.]+) s/,
      /whole wave from its release ([\d.]+) s/,
    ],
  ])('%s', (_, inReadme, inExample) => {
    const stated = inReadme.exec(headline)?.[1];
    expect(stated).toBeDefined();
    expect(stated).toBe(inExample.exec(summary)?.[1]);
  });
});
