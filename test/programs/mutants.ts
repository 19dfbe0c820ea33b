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
  | 'liveness'
  | 'undo'
  | 'probes'
  | 'churn'
  | 'node failure'
  | 'calibration'
  | 'gate';

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
        'await client.remove(resource, objectRef(resource, operation), { uid });',
        'await client.remove(resource, objectRef(resource, operation));',
      ],
      ["if (isNotFound(error)) return { kind: 'accepted', code: 404, shown: 'gone' };", ''],
      [
        'ownership.uidOf(operation) ?? (await ownUid(client, operation, ownership))',
        'await ownUid(client, operation, ownership)',
      ],
      ['if (uid === undefined) return notOurs(operation);', ''],
      ['if (known !== undefined && !ownership.isGone(known)) return true;', 'return true;'],
      ['known !== undefined && !ownership.isGone(known)', 'known !== undefined'],
    ],
  },
  {
    theme: 'deletion',
    file: 'drive/teardown.ts',
    tests: ['drive/deletions.test.ts', 'drive/drive.test.ts'],
    faults: [
      ['client.remove(kinds.get(kind), object, { uid })', 'client.remove(kinds.get(kind), object)'],
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
      ['if (removes(operation)) created.remove(operation);', ''],
      ['undos.sent(found.operation);', ''],
      ['stepIsOver: (step) => step < lastStep', 'stepIsOver: (step) => step <= lastStep'],
      [' && !areTogether(plan.steps[step], plan.steps[lastStep])', ''],
      ['i ?? t', 't'],
      ['if (c < 400) return true;', 'return true;'],
      ['observer.accepted(ack.p, { shown: ack.g ?? 0, atUs: ack.t });', ''],
    ],
  },
  {
    theme: 'resume',
    file: 'drive/take-up.ts',
    tests: ['drive/take-up.test.ts'],
    faults: [
      ['if (was?.missed) return [];', ''],
      ['if (was) job.markSent();', ''],
      ['if (!was?.accepted && !isThere(driver, job)) carryOut(', 'carryOut('],
      ['if (!was?.accepted && !isThere(driver, job)) carryOut(', 'if (!was?.accepted) carryOut('],
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
      ['if (seen.watch === watch?.id && !listed.has(seen.uid)) remove(seen, sight);', ''],
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
      ['const position = n * q + 1 - q;', 'const position = n * q;'],
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
      ['hi < target', 'hi > target'],
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
  {
    theme: 'undo',
    file: 'drive/undos.ts',
    tests: ['drive/undo.test.ts'],
    faults: [
      ['[...sent.values()].toReversed()', '[...sent.values()]'],
      ['${JSON.stringify(undo)}', ''],
    ],
  },
  {
    theme: 'undo',
    file: 'drive/undo.ts',
    tests: ['drive/undo.test.ts'],
    faults: [
      ["if (stopReason(driver)?.lost) return 'the server does not answer';", ''],
      ["return 'message' in answer ? answer.message : undefined;", 'return undefined;'],
      ['return error instanceof Error ? error.message : String(error);', 'return undefined;'],
    ],
  },
  {
    theme: 'probes',
    file: 'observe/prober.ts',
    tests: ['observe/prober.test.ts', 'drive/guests-asked.test.ts'],
    faults: [
      ['lowerUs = startUs;', 'lowerUs = atUs;'],
      ['if (answer.answered && !hasToFail)', 'if (answer.answered)'],
      ['if (!answer.answered) hasToFail = false;', ''],
      ['Math.max(guest.beforeUs, want.sinceUs)', 'want.sinceUs'],
      ['const sinceUs = isRecalling ? 0 : notebook.nowUs();', 'const sinceUs = notebook.nowUs();'],
      ['guest.address = isGuestAddress(value) ? value : undefined;', 'guest.address = value;'],
    ],
  },
  {
    theme: 'probes',
    file: 'run/network-probe.ts',
    tests: ['run/network-probe.test.ts'],
    faults: [
      ['if (signal.aborted) return Promise.resolve(NOT_ASKED);', ''],
      ['opened.destroy();', ''],
      ['rejectUnauthorized: false', 'rejectUnauthorized: true'],
    ],
  },
  {
    theme: 'churn',
    file: 'analyse/drift.ts',
    tests: ['analyse/drift.test.ts'],
    faults: [
      ['slope.lo > 0', 'slope.lo >= -1'],
      ['rounds < ROUNDS_LEAST', 'rounds <= ROUNDS_LEAST'],
      ['slope.hi < 0', 'slope.hi > 0'],
      ['headlineWaves(sample)', 'sample.waves'],
    ],
  },
  {
    theme: 'churn',
    file: 'scenario/step-churn.ts',
    tests: ['sim/churn.test.ts'],
    faults: [
      ['[...running, ...fresh].slice(0, size * rounds)', 'running.slice(0, size * rounds)'],
      ["inventory.move(template, leaving, 'deleted');", ''],
      ['Math.max(1, Math.round(document.share * running.length))', 'running.length'],
      ['if (rounds < 2)', 'if (rounds < 1)'],
    ],
  },
  {
    theme: 'node failure',
    file: 'sim/controllers/compute/node-lifecycle.ts',
    tests: ['sim/controllers/compute/node-failure.test.ts'],
    faults: [
      ['return seenUs + gracePeriodUs - nowUs;', 'return gracePeriodUs;'],
      ['silent.size > 2 && silent.size / all >= unhealthyShare', 'false'],
      ['room.turnUs = lab.clock.nowUs() + SECOND / rate;', ''],
      ['await markPodsNotReady(room, name);', ''],
      ["...(silent.has(metadata.name) ? ['NoSchedule'] : []),", ''],
      ['every(({ metadata }) => silent.has(metadata.name))', 'some(() => false)'],
    ],
  },
  {
    theme: 'node failure',
    file: 'sim/controllers/compute/taint-eviction.ts',
    tests: ['sim/controllers/compute/node-failure.test.ts'],
    faults: [
      ['const sinceUs = stays.get(uid)?.sinceUs ?? nowUs;', 'const sinceUs = nowUs;'],
      ['Math.max(0, leftUs)', '0'],
    ],
  },
  {
    theme: 'calibration',
    file: 'calibrate/stage-times.ts',
    tests: ['calibrate/stage-times.test.ts'],
    faults: [
      ['return isBlurred ? undefined :', 'return'],
      ['!warmups.has(`${step}/${wave}`)', 'true'],
      ['if (seconds === undefined) wave.missing += 1;\n  else', 'if (seconds !== undefined)'],
      ['ack === undefined || ack.tries > 1', 'ack === undefined'],
    ],
  },
  {
    theme: 'calibration',
    file: 'calibrate/known.ts',
    tests: ['calibrate/known.test.ts'],
    faults: [
      ['return value > 0 ? value : undefined;', 'return value;'],
      ['value === undefined ? [] : [[name, value]]', '[[name, value ?? 1]]'],
    ],
  },
  {
    theme: 'gate',
    file: 'compare/nightly/data-quality.ts',
    tests: ['compare/nightly/data-quality.test.ts', 'compare/nightly/judge-night.test.ts'],
    faults: [
      ["if (run.outcome === 'complete') return [];", 'return [];'],
      ['n !== reached + failed + censored', 'n < reached'],
      ['!(one.value > 0)', 'one.value < 0'],
      ['summary.validity?.valid === false', 'summary.validity === undefined'],
      ['lag <= limit', 'lag <= 100 * limit'],
      ['compareStarts(tonight, newest) >= 0 || ', 'true || '],
      ['.filter(({ key }) => findPoint(tonight, key) === undefined)', '.filter(() => false)'],
    ],
  },
];
