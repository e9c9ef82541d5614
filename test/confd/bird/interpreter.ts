import { compileGlob } from '../../../src/net/glob.ts';
import {
  containsPrefix,
  equalPrefixes,
  type Prefix,
  parsePrefix,
} from '../../../src/net/prefix.ts';
import type { Outcome, Route } from '../routes.ts';
import type { Expression, Statement } from './code.ts';

type Value = string | number | boolean | Prefix | undefined;
type Functions = ReadonlyMap<string, readonly Statement[]>;

/** Runs a BIRD filter over a route as BIRD 1.6 would. */
export function runFilter(body: readonly Statement[], functions: Functions, route: Route): Outcome {
  const run = new Run(functions, route);
  const accepted = run.block(body) ?? false;
  return { accepted, ...run.changes() };
}

class Run {
  readonly #functions: Functions;
  readonly #variables: Map<string, Value>;
  readonly #communities: string[] = [];

  constructor(functions: Functions, route: Route) {
    this.#functions = functions;
    this.#variables = new Map<string, Value>([
      ['net', parsePrefix(route.prefix)],
      ['source', route.source],
      ['RTS_BGP', 'bgp'],
      ['true', true],
      ['false', false],
      ['krt_metric', route.source === 'kernel' ? route.metric : undefined],
      // BIRD gives a route without LOCAL_PREF 100 on import.
      ['bgp_local_pref', route.source === 'bgp' ? (route.localPref ?? 100) : undefined],
      ['bgp_next_hop', parsePrefix(route.nextHop)],
      ['ifname', route.interface === '' ? undefined : route.interface],
    ]);
  }

  changes(): Omit<Outcome, 'accepted'> {
    const number = (name: string): number | undefined => {
      const value = this.#variables.get(name);
      return typeof value === 'number' ? value : undefined;
    };
    return {
      metric: number('krt_metric'),
      localPref: number('bgp_local_pref'),
      preference: number('preference'),
      communities: [...this.#communities].sort(),
    };
  }

  /** The verdict, if the block comes to one. */
  block(statements: readonly Statement[]): boolean | undefined {
    for (const statement of statements) {
      const verdict = this.#statement(statement);
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  }

  #statement(statement: Statement): boolean | undefined {
    switch (statement.type) {
      case 'verdict':
        return statement.accept;
      case 'assign':
        this.#variables.set(statement.name, this.#value(statement.value));
        return undefined;
      case 'add':
        this.#communities.push(statement.numbers.join(':'));
        return undefined;
      case 'call':
        return this.#call(statement.name, statement.argument);
      case 'if':
        return this.block(
          this.#value(statement.condition) === true ? statement.then : statement.otherwise,
        );
    }
  }

  #call(name: string, argument: Expression | undefined): boolean | undefined {
    const body = this.#functions.get(name);
    if (body === undefined) throw new Error(`no BIRD function ${name}`);
    // All of Calico's functions with an argument call it internal_peer.
    if (argument !== undefined) this.#variables.set('internal_peer', this.#value(argument));
    return this.block(body);
  }

  #value(expression: Expression): Value {
    switch (expression.type) {
      case 'literal':
        return typeof expression.value === 'string'
          ? (parsePrefix(expression.value) ?? expression.value)
          : expression.value;
      case 'name':
        return this.#variables.get(expression.name);
      case 'defined':
        return this.#variables.get(expression.name) !== undefined;
      case 'not':
        return this.#value(expression.operand) !== true;
      case 'binary':
        return this.#binary(expression);
    }
  }

  #binary({ operator, left, right }: Extract<Expression, { type: 'binary' }>): Value {
    const a = this.#value(left);
    if (operator === '&&') return a === true && this.#value(right) === true;
    if (operator === '||') return a === true || this.#value(right) === true;
    const b = this.#value(right);
    if (operator === '~') return inside(a, b);
    if (operator === '=') return same(a, b);
    if (typeof a !== 'number' || typeof b !== 'number') return false;
    if (operator === '<') return a < b;
    if (operator === '>') return a > b;
    if (operator === '-') return a - b;
    throw new Error(`BIRD operator ${operator} is not in any fixture`);
  }
}

function inside(a: Value, b: Value): boolean {
  if (typeof a === 'string' && typeof b === 'string') return compileGlob(b)(a);
  return isPrefix(a) && isPrefix(b) && containsPrefix(b, a);
}

const same = (a: Value, b: Value): boolean =>
  isPrefix(a) && isPrefix(b) ? equalPrefixes(a, b) : a === b;

const isPrefix = (value: Value): value is Prefix => typeof value === 'object';
