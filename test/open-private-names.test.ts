import { expect, test } from 'vitest';
import { openPrivateNames } from '../scripts/open-private-names.ts';

test('opens fields, methods, accessors and optional access, and nothing else', () => {
  const source = [
    'export class A {',
    '  static #made = 0;',
    "  #text = '#text #made';",
    '  get #long() { return "#" + this.#text; }',
    '  async #wait(other) { return other?.#text ?? /#text/; }',
    '  text = this.#long + A.#made++;',
    '  wait = () => this.#wait(this);',
    '}',
  ].join('\n');
  expect(openPrivateNames(source)).toBe(
    [
      'export class A {',
      '  static made$ = 0;',
      "  text$ = '#text #made';",
      '  get long$() { return "#" + this.text$; }',
      '  async wait$(other) { return other?.text$ ?? /#text/; }',
      '  text = this.long$ + A.made$++;',
      '  wait = () => this.wait$(this);',
      '}',
    ].join('\n'),
  );
});

test('refuses what it could not keep apart', () => {
  expect(() => openPrivateNames('let a$ = 1;')).toThrow('there is a name a$ already');
  const derived = 'class A { #x = 1; } class B extends A { #x = 2; }';
  expect(() => openPrivateNames(derived)).toThrow('may have no private names');
  expect(openPrivateNames('class A extends Error { x = 1; }')).toContain('x = 1');
});
