/**
 * Faults that somebody could make in code that must not fail silently: each a place in a source, what
 * stands there, what would be wrong, and the tests that have to notice. `npm run mutate` makes
 * each of them in a copy of the project.
 */

export type Theme =
  | 'deletion'
  | 'resume'
  | 'gaps'
  | 'exit codes'
  | 'escaping'
  | 'percentiles'
  | 'censoring'
  | 'counting'
  | 'liveness';

export interface Place {
  readonly theme: Theme;
  /** Relative to `src`. */
  readonly file: string;
  /** Relative to `test`. */
  readonly tests: readonly string[];
  /** What stands in the file, once, and what it is replaced by. */
  readonly faults: readonly (readonly [from: string, to: string])[];
}

export const PLACES: readonly Place[] = [
  {
    theme: 'deletion',
    file: 'kube/client.ts',
    tests: ['kube/request-headers.test.ts'],
    faults: [
      ['{ preconditions: { uid: options.uid } }', '{}'],
      ['options.uid === undefined', 'options.uid !== undefined'],
    ],
  },
  {
    theme: 'deletion',
    file: 'drive/actions.ts',
    tests: ['drive/deletions.test.ts', 'drive/requests.test.ts'],
    faults: [
      [
        'await client.remove(resource, operation, { uid });',
        'await client.remove(resource, operation);',
      ],
      ["if (isNotFound(error)) return { kind: 'accepted', code: 404 };", ''],
      [
        'ownership.uidOf(operation) ?? (await ownUid(client, operation, ownership))',
        'await ownUid(client, operation, ownership)',
      ],
      ['if (uid === undefined) return notOurs(operation);', ''],
      ['if (ownership.uidOf(operation) !== undefined) return true;', 'return true;'],
    ],
  },
  {
    theme: 'deletion',
    file: 'drive/teardown.ts',
    tests: ['drive/deletions.test.ts', 'drive/drive.test.ts'],
    faults: [
      [
        'client.remove(RESOURCE_OF[kind], object, { uid })',
        'client.remove(RESOURCE_OF[kind], object)',
      ],
      ['await untilGone(driver, ofKind);', ''],
      ['(answer.code === 404 || answer.code === 409)', 'answer.code === 404'],
    ],
  },
  {
    theme: 'deletion',
    file: 'drive/created.ts',
    tests: ['drive/deletions.test.ts', 'drive/drive.test.ts'],
    faults: [['step === undefined || it.step === step', 'true']],
  },
  {
    theme: 'deletion',
    file: 'cluster/clean-up.ts',
    tests: ['cluster/clean-up.test.ts'],
    faults: [
      ['lab.client.remove(resource, leftover, { uid })', 'lab.client.remove(resource, leftover)'],
      [
        'if (others.length > 0) kept.set(name, others);',
        'if (others.length > 9) kept.set(name, others);',
      ],
      [
        'objects.filter(({ name }) => !kept.has(name))',
        'objects.filter(({ name }) => name !== undefined)',
      ],
      ['error.code === 404 || error.code === 409', 'error.code === 404'],
    ],
  },
  {
    theme: 'resume',
    file: 'drive/past.ts',
    tests: ['drive/past.test.ts', 'drive/resume.test.ts'],
    faults: [
      ['if (!isInterrupted(draft.miss)) observer.forget(p);', 'observer.forget(p);'],
      [
        'known !== undefined && known.settled === known.size && !openWaves.has(key)',
        'known !== undefined',
      ],
      ["if (operation.verb === 'delete') created.remove(operation);", ''],
      ['stepIsOver: (step) => step < lastStep', 'stepIsOver: (step) => step <= lastStep'],
      ['i ?? t', 't'],
      ['if (c < 400) return true;', 'return true;'],
      ['observer.accepted(ack.p);', ''],
    ],
  },
  {
    theme: 'resume',
    file: 'drive/take-up.ts',
    tests: ['drive/take-up.test.ts'],
    faults: [
      ['if (was?.missed) return [];', ''],
      ['if (was) job.markSent();', ''],
      ['if (!isKnown) carryOut(', 'carryOut('],
      ['taking.count(was.verdict);', ''],
    ],
  },
  {
    theme: 'resume',
    file: 'record/past-sessions.ts',
    tests: ['record/past-sessions.test.ts'],
    faults: [['Math.max(lastUs + 1, sinceUs)', 'sinceUs']],
  },
  {
    theme: 'gaps',
    file: 'kube/list-watch.ts',
    tests: ['kube/list-watch.test.ts'],
    faults: [
      ["if (event.type === 'BOOKMARK' && resourceVersion === version) return undefined;", ''],
      ['version = resourceVersion;', ''],
      ['fromUs: aliveUs, cause };', 'fromUs: heardUs, cause };'],
      ['askedUs, relist: gap !== undefined', 'askedUs, relist: false'],
      ["if (end.kind === 'refused') return end.code === 410 ? relist() : resume('refused');", ''],
      ['if (gap) return gap;', ''],
      ['fromUs: gap.fromUs, toUs', 'fromUs: toUs, toUs'],
    ],
  },
  {
    theme: 'gaps',
    file: 'observe/reducer.ts',
    tests: ['observe/reducer.test.ts'],
    faults: [
      ['item.relist || stream.goesOn ?', 'item.relist ?'],
      ['options.past?.sinceUs[kind.resource.kind] ?? 0', '0'],
      ['const goesOn = options.past !== undefined;', 'const goesOn = false;'],
      ['stream.lowerUs ??= notebook.sinceStartUs(item.sinceUs);', ''],
      ['atUs - stream.lastUs > REPLAY_SILENCE_US', 'false'],
      ['if (!listed.has(seen.uid)) remove(seen, sight);', ''],
      ["relist: gap.relist || gap.cause === 'gone'", 'relist: gap.relist'],
    ],
  },
  {
    theme: 'gaps',
    file: 'analyse/span.ts',
    tests: ['analyse/spans.test.ts', 'analyse/outage.test.ts', 'analyse/summary.test.ts'],
    faults: [
      ['lo: Math.max(0, to.afterUs - from.atUs)', 'lo: Math.max(0, to.atUs - from.afterUs)'],
      ['hi: Math.max(0, to.atUs - from.afterUs)', 'hi: Math.max(0, to.atUs - from.atUs)'],
      ['atUs <= ending.atUs || afterUs < ending.atUs', 'atUs <= ending.atUs'],
    ],
  },
  {
    theme: 'censoring',
    file: 'analyse/span.ts',
    tests: ['analyse/spans.test.ts', 'analyse/outage.test.ts', 'analyse/summary.test.ts'],
    faults: [
      ["if (ending.how === 'failed') return { state: 'failed' };", ''],
      ['ending.knownUs - from.atUs', 'ending.atUs - from.atUs'],
      ['if (to !== undefined && isWithin(to, ending))', 'if (to !== undefined)'],
    ],
  },
  {
    theme: 'censoring',
    file: 'analyse/spans.ts',
    tests: ['analyse/spans.test.ts', 'analyse/summary.test.ts'],
    faults: [
      ["how: miss?.how ?? (hasFailed ? 'failed' : 'censored')", "how: miss?.how ?? 'censored'"],
      ['Math.min(untilUs, gone?.afterUs ?? untilUs)', 'untilUs'],
      ['isRemoval ? undefined : object', 'object'],
    ],
  },
  {
    theme: 'censoring',
    file: 'analyse/wave-spans.ts',
    tests: ['analyse/spans.test.ts', 'analyse/summary.test.ts', 'analyse/outage.test.ts'],
    faults: [
      ["if (a.state === 'failed' || b.state === 'failed') return { state: 'failed' };", ''],
      ['at: Math.max(knownUs(a), knownUs(b))', 'at: Math.min(knownUs(a), knownUs(b))'],
      ['hi: Math.max(a.hi, b.hi)', 'hi: Math.min(a.hi, b.hi)'],
      ['cause === OUTAGE && from >= releaseUs', 'from >= releaseUs'],
    ],
  },
  {
    theme: 'censoring',
    file: 'analyse/wave-pace.ts',
    tests: ['analyse/wave-pace.test.ts'],
    faults: [
      ["if (last.state === 'failed') return last;", ''],
      ['wave.length < OPERATIONS_LEAST', 'wave.length <= OPERATIONS_LEAST'],
    ],
  },
  {
    theme: 'percentiles',
    file: 'analyse/statistics/quantile.ts',
    tests: ['analyse/statistics/quantile.test.ts'],
    faults: [
      ['Math.ceil(n * q - RANK_TOLERANCE)', 'Math.floor(n * q - RANK_TOLERANCE)'],
      ['Math.ceil(n * q - RANK_TOLERANCE)', 'Math.ceil(n * q)'],
      ['if (n === 0) return Number.NaN;', 'if (n === 0) return 0;'],
      ['0.5 ** (1 / size)', '0.5 ** size'],
    ],
  },
  {
    theme: 'percentiles',
    file: 'analyse/statistics/quantile-estimate.ts',
    tests: [
      'analyse/statistics/summarise.test.ts',
      'analyse/statistics/kaplan-meier.test.ts',
      'analyse/statistics/turnbull.test.ts',
    ],
    faults: [
      ['Number.isFinite(bound) ? { over: bound } : { never: true }', '{ over: bound }'],
      ['const estimate = { value: within.hi };', 'const estimate = { value: within.lo };'],
      ['wave.some(isInterval)', 'wave.every(isInterval)'],
      ["pooled.censoredEarly ? 'kaplan-meier' : 'inverse-ecdf'", "'inverse-ecdf'"],
    ],
  },
  {
    theme: 'censoring',
    file: 'analyse/statistics/kaplan-meier.ts',
    tests: ['analyse/statistics/kaplan-meier.test.ts'],
    faults: [
      ['atRisk -= events + censored;', 'atRisk -= events;'],
      [
        'const target = 1 - q + SURVIVAL_TOLERANCE;\n  return',
        'const target = 1 - q - SURVIVAL_TOLERANCE;\n  return',
      ],
      ["if (observation.state === 'failed') continue;", ''],
      [
        "observation.state === 'reached' ? observation.hi : observation.at",
        "observation.state === 'reached' ? observation.lo : observation.at",
      ],
    ],
  },
  {
    theme: 'exit codes',
    file: 'core/exit-code.ts',
    tests: ['cli/exit-code.test.ts'],
    faults: [
      ['regression: 2,', 'regression: 4,'],
      ['sloMissed: 4,', 'sloMissed: 5,'],
      ['invalid: 3,', 'invalid: 1,'],
      ['EXIT.usage,\n  EXIT.error,', 'EXIT.error,\n  EXIT.usage,'],
      ['EXIT.incomplete,\n  EXIT.sloMissed,', 'EXIT.sloMissed,\n  EXIT.incomplete,'],
      ['EXIT.sloMissed,\n  EXIT.regression,', 'EXIT.regression,\n  EXIT.sloMissed,'],
    ],
  },
  {
    theme: 'exit codes',
    file: 'compare/nightly/verdict-word.ts',
    tests: ['compare/nightly/judge-night.test.ts'],
    faults: [
      ['sloMissed: EXIT.sloMissed', 'sloMissed: EXIT.regression'],
      ['regression: EXIT.regression', 'regression: EXIT.sloMissed'],
      ['suspect: EXIT.regression', 'suspect: EXIT.ok'],
      ["if (levels.some(({ state }) => state === 'absent')) return 'invalid';", ''],
      ["if (has('incomplete')) return 'incomplete';", ''],
    ],
  },
  {
    theme: 'escaping',
    file: 'report/html/escape.ts',
    tests: ['report/html/escape.test.ts'],
    faults: [
      ["'<': '&lt;',", ''],
      ["'\"': '&quot;',", ''],
      [".replace(/</g, '\\\\u003c')", ''],
      [".replace(/<!--/g, '<\\\\!--')", ''],
    ],
  },
  {
    theme: 'escaping',
    file: 'report/nightly/xml.ts',
    tests: ['report/nightly/xml.test.ts'],
    faults: [
      ["'&': '&amp;',", ''],
      [".replaceAll(NOT_ALLOWED, '\\ufffd')", ''],
      ['="${escape(value)}"', '="${value}"'],
      ['[escape(child)]', '[child]'],
    ],
  },
  {
    theme: 'escaping',
    file: 'report/csv/csv.ts',
    tests: ['report/csv.test.ts'],
    faults: [['escape_formulas: true', 'escape_formulas: false']],
  },
  {
    theme: 'escaping',
    file: 'report/export/openmetrics.ts',
    tests: ['report/export/exports.test.ts'],
    faults: [
      [".replaceAll('\\\\', '\\\\\\\\')", ''],
      [
        "bucket(labels, '+Inf', observations.length, at)",
        "bucket(labels, '+Inf', reached.length, at)",
      ],
    ],
  },
  {
    theme: 'counting',
    file: 'sim/hardware/rbd/ceph-csi.ts',
    tests: ['sim/hardware/rbd/cluster.test.ts'],
    faults: [
      ['listed > hardSnapshots', 'listed >= hardSnapshots'],
      ['listed > softSnapshots', 'listed >= softSnapshots'],
    ],
  },
  {
    theme: 'counting',
    file: 'report/facts/wave-facts.ts',
    tests: ['report/terminal.test.ts'],
    faults: [['own.image === dimensions.image &&', '']],
  },
  {
    theme: 'liveness',
    file: 'run/run-holds.ts',
    tests: ['cli/run-holds.test.ts'],
    faults: [
      ['lock.renew();\n', '\n'],
      ['lock.renew();\n    renewLater();', 'lock.renew();'],
    ],
  },
  {
    theme: 'liveness',
    file: 'record/run-lock.ts',
    tests: ['record/run-lock.test.ts', 'record/run-lock-race.test.ts'],
    faults: [
      ['        writeSync(file, text, 0);\n      } catch', '      } catch'],
      ['wallUs - renewedUs < SILENT_US', 'true'],
      ['if (!isDead) isPublished(grave, path);', ''],
      ['?.ino === fstatSync(file).ino', '?.ino !== undefined'],
    ],
  },
];
