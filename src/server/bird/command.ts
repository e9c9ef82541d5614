import { end, line, oneLine, only } from './lines.ts';
import { type Answer, type BirdContext, SYNTAX_ERROR, show } from './show.ts';

/** What one client may do; it may give up its rights with `restrict`. */
export interface Rights {
  restricted: boolean;
}

/** Longest word of a command, in characters, as BIRD's lexer has it. */
const SYMBOL_MAX = 64;

const DENIED: Answer = only(8007, 'Access denied');

/** What would change something: bengal is configured by its datastore, and only by that. */
const CHANGES = ['enable', 'disable', 'restart', 'reload', 'down'];

/** What BIRD obeys and what has no meaning here: harmless. */
const ACCEPTED = ['debug', 'mrtdump', 'dump'];

/** Answers one command line, without its line end. */
export function answerCommand(text: string, rights: Rights, context: BirdContext): Answer {
  const words = text.match(/"[^"]*"|[^\s"]+|"/g) ?? [];
  if (words.some((word) => /^\w+$/.test(word) && word.length > SYMBOL_MAX)) {
    return only(9001, 'Symbol too long');
  }
  const [verb = '', ...rest] = words;
  if (verb === 'show') return show(rest, context);
  if (verb === 'restrict' && rest.length === 0) {
    rights.restricted = true;
    return only(16, 'Access restricted');
  }
  if (CHANGES.includes(verb)) return DENIED;
  if (verb === 'configure') return rights.restricted ? DENIED : configure(rest);
  if (verb === 'echo') return rest.length === 0 ? SYNTAX_ERROR : [end()];
  if (ACCEPTED.includes(verb) && rest.length > 0) return rights.restricted ? DENIED : [end()];
  return SYNTAX_ERROR;
}

/** There is no file to read and nothing to undo: what the datastore says is in force already. */
function configure(words: readonly string[]): Answer {
  const reading = line(2, 'Reading configuration from the datastore');
  const [word, operand] = words;
  if (words.some((at) => at.startsWith('"'))) {
    return only(8002, `${oneLine(words.join(' '))}: bengal reads no configuration file`);
  }
  switch (word) {
    case undefined:
    case 'soft':
      return words.length < 2 ? [reading, end(3, 'Reconfigured')] : SYNTAX_ERROR;
    case 'timeout':
      return operand === undefined || /^\d+$/.test(operand)
        ? [reading, end(3, 'Reconfigured')]
        : SYNTAX_ERROR;
    case 'check':
      return words.length === 1 ? [reading, end(20, 'Configuration OK')] : SYNTAX_ERROR;
    case 'confirm':
    case 'undo':
      return words.length === 1 ? only(19, 'Nothing to do') : SYNTAX_ERROR;
    default:
      return SYNTAX_ERROR;
  }
}
