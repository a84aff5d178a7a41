import { expect, it } from 'vitest';
import { isTerminal, pageOf } from '../../src/report/terminal/page.ts';
import { printable, printableLines } from '../../src/report/terminal/printable.ts';

it('a page is as wide as the terminal, or 80', () => {
  expect(pageOf({ columns: 132 }, { LANG: 'en_US.UTF-8' })).toEqual({ width: 132, bar: '█' });
  expect(pageOf({}, { LANG: 'C' })).toEqual({ width: 80, bar: '#' });
  expect(pageOf({ columns: 0 }, {}).width).toBe(80);
  expect(pageOf({ columns: 10 }, {}).width).toBe(40);
  expect(pageOf({}, { LC_ALL: 'POSIX', LANG: 'en_US.UTF-8' }).bar).toBe('#');
});

it('a dumb terminal is none', () => {
  expect(isTerminal({ isTTY: true }, { TERM: 'xterm' })).toBe(true);
  expect(isTerminal({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
  expect(isTerminal({}, {})).toBe(false);
});

it('names from outside cannot steer a terminal', () => {
  expect(printable('a\x1b[31mb\r\nc\x9bd\u202ee\x7f.npy')).toBe('a[31mbcde.npy');
  expect(printable('Größe 日本 🙂.npy')).toBe('Größe 日本 🙂.npy');
  expect(printableLines('one\ntwo\x1b\n')).toBe('one\ntwo\n');
});
