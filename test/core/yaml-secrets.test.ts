/** Secrets of a scenario are hidden however YAML lets them be written; the lines stay as many. */

import { expect, test } from 'vitest';
import { hideJsonSecrets } from '../../src/core/json-secrets.ts';
import { hideOverrideSecrets, hideYamlSecrets } from '../../src/core/yaml-secrets.ts';

test.each([
  // Name and value.
  'a:\n  ? password\n  : s3cret\n  b: kept',
  '? "password"\n: "s3cret"\nb: kept',
  '? userData\n: |\n  #cloud-config\n  x: s3cret\nb: kept',
  '? |\n  password\n: s3cret\nb: kept',
  '? [password]\n: s3cret\nb: kept',
  '{ password\n : s3cret, b: kept }',
  '{"password"\n:\n"s3cret", b: kept}',
  'password: &p\n  s3cret\nother: *p\nb: kept',
  'other: &p s3cret\npassword: *p\nb: kept',
  'k: &k password\n*k : s3cret\nb: kept',
  '"pass\\u0077ord": s3cret\nb: kept',
  'passwords:\n- s3cret\nb: kept',
  'password: "a\\"\n  s3cret"\nx: kept',
  "password: 'a''\n  s3cret'\nx: kept",
  "ci: {'userData':'a '' s3cret', b: kept}",
  'ci: { userData: "#cloud-config\n    x: s3cret", b: kept }',
  'ci: { userData: x\n    s3cret, b: kept }',
  'userData: |\r\n  s3cret\r\nx: kept\r\n',
  // Lists.
  'env:\n- name: DB_PASSWORD\n  value: s3cret\n- name: B\n  value: kept',
  'env: [{ value: s3cret, name: DB_PASSWORD }]',
  'manifests:\n- stringData:\n    a: s3cret\n  kind: Secret\n- kind: ConfigMap\n  data: {a: kept}',
  'manifests: [{kind: Secret, data: {a: s3cret}}, {kind: kept}]',
  'data:\n  .dockerconfigjson: s3cret',
  'runcmd: [[ register, --password, s3cret, --org, kept ]]',
  'runcmd:\n- [ register, "--password", "s3cret" ]',
  // Programs.
  'runcmd:\n- register --password "x s3cret" --org kept',
  'runcmd:\n- chpasswd <<< root:s3cret',
  'runcmd:\n- |\n  chpasswd <<EOF\n  root:s3cret\n  EOF\n- kept',
  'runcmd:\n- echo s3cret | sudo passwd --stdin root\n- kept',
  'runcmd:\n- curl -u me:s3cret https://host/kept',
  'runcmd:\n- sshpass -p s3cret ssh kept',
  'runcmd: ["usermod -p s3cret kept"]',
  'x.xml: |\n  <AdministratorPassword><Value>s3cret</Value></AdministratorPassword>',
  'x: "<Password>s3cret</Password>"',
  'x: "-----BEGIN PRIVATE KEY-----\\ns3cret\\n-----END PRIVATE KEY-----"\nb: kept',
  'x: -----BEGIN PRIVATE KEY----- s3cret -----END PRIVATE KEY-----\nb: kept',
  // Documents inside.
  'cfg: |\n  #cloud-config\n  ? password\n  : s3cret\n  b: kept\n',
  'cfg: |-\n    users:\n      - ? passwd\n        :\n          s3cret\n    # kept\nb: 1',
  'cfg: |2\n    ? passwd\r\n    : s3cret\r\nb: kept',
  `x: '{"auths":{"a":{"auth":"s3cret"}},"b":"kept"}'`,
  'x: |\n  inner: |\n    ? password\n    : s3cret\n  b: kept',
  // Addresses.
  'url: "http:\\/\\/me:s3cret\\u0040host"\nb: kept',
  'url: "http://me:\\\n  s3cret@host"\nb: kept',
  'url: "http://me:it\'s3cret@host/kept"',
  'url: http://me:a/s3cret@host/kept',
  'url: https://host/kept?tok%65n=s3cret',
  'url: https://host/kept?key=s3cret',
])('nothing of it is left in %s', (text) => {
  const shown = hideYamlSecrets(text);
  expect(shown).not.toContain('s3cret');
  expect(shown.split('\n')).toHaveLength(text.split('\n').length);
  expect(shown.includes('kept')).toBe(text.includes('kept'));
});

test('nor of the documents in what was read already', () => {
  const value = { cfg: '? password\n: s3cret\nb: kept\n', json: '[{"auth":"s3cret"}]' };
  const shown = JSON.stringify(hideJsonSecrets(value));
  expect(shown).not.toContain('s3cret');
  expect(shown).toContain('b: kept');
});

test.each([
  'cfg: |\n  ? a\n  : b\n  list:\n    - c\n\nx: 1\n',
  'secret: kubeconfig-a',
  'volumes: [{ name: x, secret: { secretName: x } }]',
  'image: quay.io/a/b:latest@sha256:123',
  'url: docker://host:5000/a@sha256:123',
  'url: https://host/a?v=1&name=x#part=2',
  'metadata: { name: pass, value: 3 }',
  'command: [bench, run, --context, prod]',
])('nothing is taken from %s', (text) => expect(hideYamlSecrets(text)).toBe(text));

test.each([
  'steps.0.apply.manifests=[{kind: Secret, stringData: {a: s3cret}}]',
  'steps.0.apply.manifests.0.stringData.a=s3cret',
  '--set=templates.a.vm.password.x=s3cret',
  'images.a.import.url=http://me:s3cret@host',
])('nor in --set %s', (override) => expect(hideOverrideSecrets(override)).not.toContain('s3cret'));

test('a text full of aliases costs what it is long', () => {
  const text = `a: &a x\nb:\n${'  - password: *a\n'.repeat(10_000)}`;
  expect(hideYamlSecrets(text)).toBe(text.replaceAll('*a', '...').replace('&a x', '&a ...'));
});
