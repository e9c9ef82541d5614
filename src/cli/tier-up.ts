import { setFlagsFromString } from 'node:v8';

/** Bytes of bytecode that a function may run before V8 optimises it; V8's own value is 132 KiB. */
const INTERRUPT_BUDGET = 20_000;

/** V8 of Node 20. Later ones have a compiler in between, and no such flag. */
const HAS_BUDGET = /^11\./;

/** For programs that run for months: V8 optimises what is used often earlier than for scripts. */
export function optimiseEarly(): void {
  if (!HAS_BUDGET.test(process.versions.v8)) return;
  setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`);
}
