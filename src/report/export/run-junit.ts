/**
 * A run by itself as JUnit XML: did each metric reach all that was asked for, within the step's
 * error budget, and are the scenario's limits kept? Whether it got slower is the verdict's business
 * (`bench gate --junit`). A run that is not complete is an error, never a pass.
 */

import type { MetricRecord } from '../../analyse/metric-record.ts';
import { OBJECT_LATENCIES } from '../../catalogue/metric-sets.ts';
import { type NightMetric } from '../../compare/history/night.ts';
import { judgeFeltLimits } from '../../compare/nightly/felt-levels.ts';
import { judgeServiceLevels, type LevelVerdict } from '../../compare/nightly/service-levels.ts';
import type { RunStep } from '../../record/run.ts';
import { levelText } from '../nightly/verdict-text.ts';
import { element, type XmlElement, xmlDocument } from '../nightly/xml.ts';
import { figureName, metricText, variantText } from '../../catalogue/names.ts';
import { estimateText } from '../wording/numbers.ts';
import { statusFact } from '../facts/run-facts.ts';
import { statusText } from '../wording/status-text.ts';
import { type ExportFile, type ExportSource, describeOrigin } from './export-source.ts';

export function runJunitFiles(source: ExportSource): readonly ExportFile[] {
  return [{ name: 'junit.xml', pieces: [runJunit(source)] }];
}

function runJunit(source: ExportSource): string {
  const { run, summary, manifest } = source;
  const { scenario } = summary.run;
  const steps = new Map(run.steps.map((step) => [step.name, step]));
  const metrics = summary.metrics.map((record): NightMetric => {
    return { ...record, ...record.dimensions };
  });
  const levels = [
    ...judgeServiceLevels({ metrics }, manifest?.slo ?? []),
    ...judgeFeltLimits(summary.felt ?? [], manifest?.feltLimits ?? []),
  ];
  const cases = [
    runCase(source),
    ...summary.metrics
      .filter(({ metric }) => OBJECT_LATENCIES.has(metric))
      .map((record) => metricCase(scenario, record, steps.get(record.dimensions.step))),
    ...levels.map((level) => levelCase(scenario, level)),
  ];
  const count = (name: string) => cases.filter((one) => one.children.some(isNamed(name))).length;
  const attributes = {
    name: scenario,
    tests: cases.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: 0,
    time: run.lastUs / 1e6,
    hostname: manifest?.environment?.name ?? 'unknown',
  };
  const properties = Object.entries(describeOrigin(source)).map(([name, value]) =>
    element('property', { name, value: String(value) }),
  );
  const children = [element('properties', {}, properties), ...cases];
  return xmlDocument(
    element('testsuites', { name: 'bench run' }, [element('testsuite', attributes, children)]),
  );
}

function runCase({ summary }: ExportSource): XmlElement {
  const { outcome, scenario } = summary.run;
  const attributes = { classname: scenario, name: 'the run is complete and valid', time: 0 };
  const status = statusFact(summary);
  if (outcome === 'complete' && status.invalid.length === 0) return element('testcase', attributes);
  const message = statusText(status);
  return element('testcase', attributes, [
    element('error', { type: 'invalid', message }, [message]),
  ]);
}

function metricCase(scenario: string, record: MetricRecord, step: RunStep | undefined): XmlElement {
  const { metric, dimensions, n, reached, failed, censored, mean, p50, p95 } = record;
  const variant = variantText(dimensions);
  const attributes = {
    classname: `${scenario}.${dimensions.step}`,
    name: `${variant} ${metricText(metric)}`.trimStart(),
    time: mean?.value ?? 0,
  };
  const counts = `${n} requested = ${reached} reached + ${failed} failed + ${censored} censored`;
  const figures = `p50 ${estimateText(p50)}, p95 ${estimateText(p95)}`;
  const isWithin = n - reached <= (step?.errorBudget ?? 0) * n;
  if (isWithin) {
    return element('testcase', attributes, [element('system-out', {}, [`${counts}; ${figures}`])]);
  }
  return element('testcase', attributes, [
    element('failure', { type: 'missed', message: counts }, [`${counts}; ${figures}`]),
  ]);
}

function levelCase(scenario: string, level: LevelVerdict): XmlElement {
  const message = levelText(level);
  const name = `limit: ${figureName(level)}`;
  const attributes = { classname: `${scenario}.${level.step}`, name, time: 0 };
  if (level.state === 'kept' || level.state === 'straddling') {
    return element('testcase', attributes, [
      element('system-out', {}, [`${level.state}: ${message}`]),
    ]);
  }
  const kind = level.state === 'missed' ? 'failure' : 'error';
  return element('testcase', attributes, [element(kind, { type: 'slo', message }, [message])]);
}

function isNamed(name: string) {
  return (child: XmlElement | string) => typeof child !== 'string' && child.name === name;
}
