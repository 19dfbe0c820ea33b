/** One hostile string, held against every surface on which a run shows itself. */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createScreen } from '../../src/cli/console.ts';
import { hideSecrets, hideAddressSecrets } from '../../src/core/secrets.ts';
import { neutralLines, neutralText } from '../../src/core/neutral-text.ts';
import { EXPORT_FORMATS } from '../../src/report/export/formats.ts';
import type { Host } from '../../src/run/host.ts';
import { cli } from '../cli/harness.ts';
import {
  expectEscaped,
  expectHarmless,
  expectPlainMarkdown,
  expectReadable,
  HOSTILE,
} from '../support/hostile-text.ts';

const CLONES = {
  step: 'clone',
  until: 'dataVolumeSucceeded',
  verb: 'create',
  kind: 'DataVolume',
};
/** What VEP 411 has a place for. */
const BOOTS = { step: 'boot', until: 'instanceRunning', verb: 'start', kind: 'VirtualMachine' };

/** A run of one clone, or of one boot, whose every name is the string. */
function hostileRun(does = CLONES): string {
  const path = join(mkdtempSync(join(tmpdir(), 'bench-')), 's', 'r');
  mkdirSync(path, { recursive: true });
  const step = {
    e: 'step',
    t: 0,
    s: 0,
    kind: does.step,
    name: HOSTILE,
    variants: [{ image: HOSTILE, source: 'pvc' }],
    until: does.until,
    waves: 1,
    operations: 2,
    timeoutUs: 9e6,
    errorBudget: 1,
    loop: 'closed',
  };
  const send = { e: 'send', t: 10, p: 0, s: 0, w: 0, v: does.verb, k: does.kind, n: HOSTILE };
  const lines = [
    {
      e: 'header',
      schema: 'bench/history/v1',
      run: 'r',
      scenario: HOSTILE,
      target: 'cluster',
      seed: 1,
    },
    { e: 'anchor', session: 0, t: 0, wall: 1e15 },
    step,
    { e: 'wave', t: 5, s: 0, w: 0, n: 2 },
    send,
    { e: 'ack', t: 20, p: 0, c: 201, u: 'u' },
    { e: 'obj', t: 30, o: 0, k: 'DataVolume', n: HOSTILE, u: 'u', src: 'pvc' },
    { e: 'tr', t: 4e6, o: 0, c: [['phase', 'Succeeded']] },
    { ...send, p: 1, t: 11, n: `${HOSTILE}-2` },
    { e: 'miss', t: 5e6, p: 1, how: 'failed', reason: HOSTILE, message: HOSTILE },
    { e: 'waveEnd', t: 5e6, s: 0, w: 0, reached: 1, failed: 1, censored: 0 },
    { e: 'end', t: 6e6, outcome: 'partial', reason: HOSTILE },
  ];
  writeFileSync(
    join(path, 'history.ndjson'),
    lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
  );
  return path;
}

const IMAGES = { [HOSTILE]: { import: { url: 'http://images.example/x' }, size: '1Gi' } };
const STEPS = [{ clone: { name: HOSTILE, image: HOSTILE, sources: ['pvc'], count: 1 } }];

describe('a hostile string', () => {
  test.each(EXPORT_FORMATS)('in an export as %s', async (format) => {
    const run = hostileRun(format === 'vep411' ? BOOTS : CLONES);
    const shown = await cli(['export', run, '--format', format]);
    expect(shown.out).toContain('owned');
    expectHarmless(`${shown.out}${shown.err}`);
    const out = join(run, 'out');
    await cli(['export', run, '--format', format, '--out', out]);
    for (const name of readdirSync(out)) {
      const text = readFileSync(join(out, name), 'utf8');
      expectReadable(text);
      if (name.endsWith('.xml')) expectEscaped(text);
    }
  });

  test('in a page, its Markdown and its tables for spreadsheets', async () => {
    const run = hostileRun();
    const reports = join(run, 'reports');
    const made = await cli(['report', run, '--reports', reports]);
    expectHarmless(`${made.out}${made.err}`);
    const files = readdirSync(reports, { recursive: true, encoding: 'utf8' });
    const texts = files.filter((name) => /\.(md|csv)$/.test(name));
    expect(texts.length).toBeGreaterThan(2);
    for (const name of texts) {
      const text = readFileSync(join(reports, name), 'utf8');
      expectReadable(text);
      if (name.endsWith('.csv')) expect(text).not.toMatch(/(^|,)"?=cmd/m);
      else expectPlainMarkdown(text);
    }
    const page = files.find((name) => name.endsWith('.html')) ?? '';
    expectEscaped(readFileSync(join(reports, page), 'utf8'));
  });

  test('in a verdict: JUnit, Markdown, annotations and console', async () => {
    const run = hostileRun();
    const [junit, markdown, history] = ['v.xml', 'v.md', 'nights'].map((name) => join(run, name));
    const files = ['--junit', junit ?? '', '--markdown', markdown ?? ''];
    const made = await cli(['gate', run, '--history', history ?? '', ...files, '--github']);
    expect(`${made.out}${made.err}`).toContain('owned');
    expectHarmless(`${made.out}${made.err}`);
    // A command is one line, whatever it quotes.
    expect(made.err.split('\n').filter((line) => line.startsWith('::'))).not.toEqual([]);
    expectEscaped(readFileSync(junit ?? '', 'utf8'));
    expectPlainMarkdown(readFileSync(markdown ?? '', 'utf8'));
  });

  test('in what is said of a scenario', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    const file = join(folder, 'hostile.yaml');
    const text = { name: HOSTILE, storage: { class: HOSTILE, [HOSTILE]: 1 }, steps: [HOSTILE] };
    writeFileSync(file, JSON.stringify(text));
    const named = {
      ...text,
      name: 'fine',
      storage: { class: HOSTILE },
      steps: STEPS,
      images: IMAGES,
    };
    const fine = join(folder, 'fine.yaml');
    writeFileSync(fine, JSON.stringify(named));
    for (const argv of [
      ['validate', file],
      ['validate', file, '--json'],
      ['plan', fine],
      ['capacity', fine],
      ['run', fine, '--set', `${HOSTILE}=${HOSTILE}`],
      ['run', HOSTILE],
      ['report', HOSTILE],
      ['run', fine, `--${HOSTILE}`],
    ]) {
      const { out, err } = await cli(argv);
      expect(`${out}${err}`).toContain('owned');
      expectHarmless(`${out}${err}`);
    }
  });

  test('on the console, with colours and without', () => {
    const texts: string[] = [];
    const output = { isTty: true, columns: 80, write: (text: string) => void texts.push(text) };
    const host = { out: output, err: output, env: { NO_COLOR: '1' } } as unknown as Host;
    const screen = createScreen(host);
    screen.tell(HOSTILE);
    screen.print(HOSTILE);
    expectHarmless(texts.join('\n'));
    expect(neutralLines('\u001b[31mred\u001b[0m\u001b[2J', true)).toBe(
      '\u001b[31mred\u001b[0m\ufffd[2J',
    );
    expect(neutralText('plain text, 日本語, é')).toBe('plain text, 日本語, é');
  });
});

describe('a secret', () => {
  test('of an address is hidden wherever it stands', () => {
    expect(hideAddressSecrets('get https://me:s3cret@host/x and http://host/@y')).toBe(
      'get https://...@host/x and http://host/@y',
    );
  });

  test.each([
    '- { name: core, passwd: s3cret }',
    'userData: "#cloud-config\\nusers: [{ name: a, plain_text_passwd: s3cret }]"',
    'cloudInitNoCloud: { userData: "#cloud-config\\nruncmd: [s3cret]" }',
    '{"name":"a","password":"x\\"s3cret"}',
    'password: >-\n  s3cret',
    'password:\n  s3cret',
    '- userData: |\n    write_files:\n    - content: s3cret\n  name: kept',
    'userData: "#cloud-config\n  password: s3cret"\nname: kept',
    'k: |\n  -----BEGIN RSA PRIVATE KEY-----\n  s3cret\n  -----END RSA PRIVATE KEY-----\nname: kept',
    'runcmd:\n- echo root:s3cret | sudo chpasswd',
    'runcmd: [subscription-manager register --password s3cret --org kept]',
    'clientSecret: s3cret',
    'extraHeaders: ["Authorization: Basic s3cret=="]',
    'url: "https://me:a@s3cret@host/kept"',
    'url: "https://host/kept?a=b&X-Amz-Signature=s3cret"',
    '--set=templates.a.userData=s3cret x',
  ])('is hidden in %s', (text) => {
    const shown = hideSecrets(text);
    expect(shown).not.toContain('s3cret');
    expect(shown.split('\n')).toHaveLength(text.split('\n').length);
    expect(shown.includes('kept')).toBe(text.includes('kept'));
  });

  test.each(['secret: kubeconfig-a', 'tokenFile: /x', 'secretName: x', 'image: rhel9:latest'])(
    'is nothing that only names one: %s',
    (text) => expect(hideSecrets(text)).toBe(text),
  );

  test('of cloud-init is hidden in a scenario, and nothing else is', () => {
    const text = [
      'password: s3cret',
      '  "hashed_passwd": "s3cret"',
      'chpasswd:',
      '  list: |',
      '    root:s3cret',
      '  expire: False',
      'userDataBase64: czNjcmV0',
      'url: http://me:s3cret@host/x',
      'name: kept',
      'image: rhel9:latest',
    ];
    const shown = hideSecrets(text.join('\n'));
    expect(shown).not.toMatch(/s3cret|czNjcmV0/);
    expect(shown).toContain('name: kept\nimage: rhel9:latest');
    expect(shown.split('\n')).toHaveLength(text.length);
  });
});
