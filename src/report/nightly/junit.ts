/**
 * The verdict as JUnit XML, for whatever shows test results: a case for each figure and limit. A
 * suspicion is a passed case with a word in its output, and what cannot be judged is an error,
 * never a pass; acknowledged changes and learning are skipped.
 */

import { keyText } from '../../compare/history/series.ts';
import type { LevelVerdict } from '../../compare/nightly/service-levels.ts';
import type { NightlyVerdict, SeriesVerdict } from '../../compare/nightly/verdict.ts';
import { countedText } from '../wording/numbers.ts';
import { element, type XmlElement, xmlDocument } from './xml.ts';
import {
  blameText,
  levelText,
  movedText,
  STATE_WORDS,
  valueText,
  whereText,
} from './verdict-text.ts';

export function verdictJunit(verdict: NightlyVerdict): string {
  const { run, environment, quality } = verdict;
  const cases = [
    ...quality
      .filter(({ severity }) => severity !== 'doubt')
      .map(({ check, message }) => errorCase(run.scenario, check, message)),
    ...verdict.serviceLevels.map((level) => levelCase(run.scenario, level)),
    ...verdict.series.map((figure) => figureCase(verdict, figure)),
  ];
  // A suite without a case would pass for a good one.
  if (cases.length === 0) cases.push(errorCase(run.scenario, 'figures', verdict.headline));
  const count = (name: string) => cases.filter(({ children }) => has(children, name)).length;
  const suite = element(
    'testsuite',
    {
      name: run.scenario,
      tests: cases.length,
      failures: count('failure'),
      errors: count('error'),
      skipped: count('skipped'),
      time: 0,
      ...(run.started === undefined ? {} : { timestamp: run.started.replace(/(\.\d+)?Z$/, '') }),
      hostname: environment?.name ?? 'unknown',
    },
    [element('properties', {}, listProperties(verdict)), ...cases],
  );
  return xmlDocument(element('testsuites', { name: 'bench gate' }, [suite]));
}

function listProperties({ run, environment, verdict, headline }: NightlyVerdict) {
  const facts: Readonly<Record<string, string>> = {
    run: run.id,
    verdict,
    headline,
    target: run.target,
    seed: String(run.seed),
    ...(run.scenarioHash === undefined ? {} : { scenarioHash: run.scenarioHash }),
    ...(environment === undefined ? {} : { environment: environment.name }),
  };
  return Object.entries(facts).map(([name, value]) => element('property', { name, value }));
}

function errorCase(scenario: string, check: string, message: string): XmlElement {
  const error = element('error', { type: 'invalid', message }, [message]);
  return element('testcase', { classname: `${scenario}.data`, name: check, time: 0 }, [error]);
}

function levelCase(scenario: string, level: LevelVerdict): XmlElement {
  const attributes = {
    classname: `${scenario}.${level.metric}`,
    name: `${keyText(level)} within its limit`,
    time: 0,
  };
  const message = levelText(level);
  switch (level.state) {
    case 'missed':
      return element('testcase', attributes, [
        element('failure', { type: 'slo', message }, [message]),
      ]);
    case 'absent':
      return element('testcase', attributes, [
        element('error', { type: 'invalid', message }, [message]),
      ]);
    case 'straddling':
      return element('testcase', attributes, [
        element('system-out', {}, [`the interval straddles the limit: ${message}`]),
      ]);
    case 'kept':
      return element('testcase', attributes, []);
  }
}

function figureCase({ run }: NightlyVerdict, figure: SeriesVerdict): XmlElement {
  const attributes = {
    classname: `${run.scenario}.${figure.metric}`,
    name: `${keyText(figure)} on its level`,
    time: 0,
  };
  const tonight = valueText(figure.tonight, figure.statistic);
  const message = `${STATE_WORDS[figure.state]}: ${movedText(figure)}`;
  const details = [message, whereText(figure), blameText(figure)].filter((text) => text !== '');
  switch (figure.state) {
    case 'regressed':
    case 'confirmed':
      if (!figure.gated) {
        const told = `not gated: ${details.join('\n')}`;
        return element('testcase', attributes, [element('system-out', {}, [told])]);
      }
      return element('testcase', attributes, [
        element('failure', { type: 'regression', message }, [details.join('\n')]),
      ]);
    case 'acknowledged': {
      const reason = figure.change?.acknowledged?.reason ?? '';
      return element('testcase', attributes, [
        element('skipped', { message: `acknowledged (${reason}): ${message}` }),
      ]);
    }
    case 'learning':
      return element('testcase', attributes, [
        element('skipped', {
          message: `learning, ${countedText(figure.nights, 'night')} so far: ${tonight}`,
        }),
      ]);
    case 'suspect':
    case 'notRepeated':
    case 'recovering':
    case 'improved':
    case 'unusual':
      return element('testcase', attributes, [element('system-out', {}, [details.join('\n')])]);
    case 'stable':
      return element('testcase', attributes, [element('system-out', {}, [tonight])]);
  }
}

function has(children: XmlElement['children'], name: string): boolean {
  return children.some((child) => typeof child !== 'string' && child.name === name);
}
