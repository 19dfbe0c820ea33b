import { describe, expect, test } from 'vitest';
import { guarded } from '../../src/cluster/check.ts';
import { checkPermissions } from '../../src/cluster/check-permissions.ts';
import { listNeeds, type Permission, permissionsText } from '../../src/cluster/permissions.ts';
import { type Answer, DEMAND, forbidden, object, scripted } from './script.ts';

const REVIEWS = 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const HOME = 'GET /api/v1/namespaces/bench-r1';

function reviewing(allows: (asked: Permission) => boolean) {
  return ({ body }: { readonly body?: unknown }): Answer => {
    const { spec } = body as { spec: { resourceAttributes: Permission } };
    return { status: 201, body: { status: { allowed: allows(spec.resourceAttributes) } } };
  };
}

function findingsWhere(allows: (asked: Permission) => boolean, home?: Answer) {
  const script = { [REVIEWS]: reviewing(allows), ...(home ? { [HOME]: home } : {}) };
  const { lab, play } = scripted(script);
  return play(() => checkPermissions(lab()));
}

const needs = listNeeds('run', DEMAND);

describe('the check of permissions', () => {
  test('passes where everything is allowed', async () => {
    const findings = await findingsWhere(() => true);
    expect(findings).toMatchObject([
      { verdict: 'pass', found: `${needs.length} rights are there` },
    ]);
  });

  test.each(needs.map((need) => [permissionsText([need.permission]), need] as const))(
    '%s: missing, it is named alone, as a failure or as a loss',
    async (text, { permission, lost }) => {
      const findings = await findingsWhere(
        (asked) => JSON.stringify(asked) !== JSON.stringify(permission),
      );
      expect(findings).toHaveLength(1);
      const [found] = findings;
      expect(found?.found).toBe(
        `not allowed: ${text}${lost === undefined ? '' : `; without it ${lost}`}`,
      );
      expect(found?.verdict).toBe(lost === undefined ? 'fail' : 'warn');
    },
  );

  test('names all that is missing in one failure', async () => {
    const findings = await findingsWhere(() => false);
    expect(findings.filter(({ verdict }) => verdict === 'fail')).toHaveLength(1);
    const [failure] = findings;
    for (const { permission, lost } of needs) {
      if (lost === undefined) expect(failure?.found).toContain(permission.resource);
    }
  });

  test('wants no right to make a namespace that is lent and there', async () => {
    const { lab, play } = scripted({
      [REVIEWS]: reviewing(({ resource, verb }) => resource !== 'namespaces' || verb === 'get'),
      [HOME]: object({ metadata: { name: 'bench-r1' } }),
    });
    const findings = await play(() => checkPermissions(lab({ makesNamespace: false })));
    expect(findings.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
  });

  test('wants it where what is lent is not there yet', async () => {
    const findings = await findingsWhere(
      ({ resource, verb }) => resource !== 'namespaces' || verb !== 'create',
    );
    expect(findings).toMatchObject([{ verdict: 'fail', found: 'not allowed: create namespaces' }]);
  });

  test('takes a namespace that is hidden to be there', async () => {
    const { lab, play } = scripted({
      [REVIEWS]: reviewing(({ verb }) => verb !== 'create'),
      [HOME]: forbidden('namespaces'),
    });
    const [failure] = await play(() => checkPermissions(lab({ makesNamespace: false })));
    expect(failure?.found).not.toContain('create namespaces');
  });

  test('says so where not even that may be asked', async () => {
    const { lab, play } = scripted({ [REVIEWS]: forbidden('selfsubjectaccessreviews') });
    const findings = await play(() => guarded('permissions', lab(), checkPermissions));
    expect(findings).toMatchObject([
      { verdict: 'warn', found: expect.stringContaining('not allowed to look') },
    ]);
  });
});
