import { type Node, parse } from 'acorn';

/** Every name of the source is free of it. */
const MARK = '$';

/**
 * Makes every `#name` of a module an ordinary `name$`. What is private stays so in the source,
 * where the compiler sees to it; but V8 looks a private name up by a slower path until a function
 * is optimised, and has more to compile then.
 */
export function openPrivateNames(source: string): string {
  const names: PrivateName[] = [];
  collect(parse(source, { ecmaVersion: 'latest', sourceType: 'module' }), names);
  let text = '';
  let end = 0;
  for (const { start, name } of names.toSorted((a, b) => a.start - b.start)) {
    text += source.slice(end, start) + name + MARK;
    end = start + 1 + name.length;
  }
  return text + source.slice(end);
}

interface PrivateName extends Node {
  readonly name: string;
}

function collect(node: Node, names: PrivateName[]): void {
  if (isNamed(node)) {
    if (node.type === 'PrivateIdentifier') names.push(node);
    else if (node.name.endsWith(MARK)) throw new Error(`there is a name ${node.name} already`);
  }
  if (isDerived(node) && hasPrivate(node))
    throw new Error('a class with a superclass may have no private names: both may have the same');
  for (const child of childrenOf(node)) collect(child, names);
}

const isNamed = (node: Node): node is PrivateName =>
  'name' in node && typeof node.name === 'string';

const isDerived = (node: Node): boolean =>
  'superClass' in node && node.superClass !== null && node.superClass !== undefined;

const hasPrivate = (node: Node): boolean =>
  node.type === 'PrivateIdentifier' || childrenOf(node).some(hasPrivate);

const childrenOf = (node: Node): readonly Node[] => Object.values(node).flat().filter(isNode);

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
