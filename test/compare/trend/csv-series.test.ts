import { describe, expect, test } from 'vitest';
import { parseCsvSeries } from '../../../src/compare/trend/csv-series.ts';

function values(text: string) {
  const parsed = parseCsvSeries(text);
  return parsed.kind === 'series' ? parsed.series.rows.map(({ value }) => value) : parsed.problems;
}

function warnings(text: string) {
  const parsed = parseCsvSeries(text);
  return parsed.kind === 'series' ? parsed.series.warnings : [];
}

describe('a series from a CSV file', () => {
  test('has its columns by name, in any order, with quotes or without', () => {
    expect(values('time,value\n1,2.5\n2,3\n')).toEqual([2.5, 3]);
    expect(values('host,"Value", TIME\r\n"a, ""b""",1e3,x\r\n')).toEqual([1000]);
    expect(values('\uFEFFtime,value\n1,-4')).toEqual([-4]);
  });

  test('keeps the rows of values that are missing, and says so', () => {
    const text = 'time,value\n1,2\n2,\n3,NaN\n4,null\n5,3\n\n';
    expect(values(text)).toEqual([2, undefined, undefined, undefined, 3]);
    expect(warnings(text)).toEqual(['3 of 5 rows have no value and are left out']);
  });

  test('says where times go backwards, or stand still', () => {
    const text = 'time,value\n2026-01-01,1\n2026-01-03,1\n2026-01-02,1\n2026-01-02,1\n';
    expect(warnings(text)).toEqual([
      "times go backwards at row 2 (2026-01-02): the file's order is kept",
      'time 2026-01-02 comes more than once',
    ]);
    expect(warnings('time,value\n9,1\n10,1\n')).toEqual([]);
  });

  test.each([
    ['', 'line 1: needs the columns time and value, has: none'],
    ['date,value\n1,2\n', 'line 1: needs the columns time and value, has: date, value'],
    ['time,value\n', 'has no rows'],
    ['time,value\n1,fast\n2,Infinity\n', "line 2: 'fast' is no number"],
  ])('that is none: %j', (text, problem) => {
    expect(values(text)[0]).toBe(problem);
  });
});
