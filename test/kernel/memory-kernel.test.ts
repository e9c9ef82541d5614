import { describe } from 'vitest';
import { kernelSuite } from './support/kernel-suite.ts';
import { memoryMachine } from './support/machine.ts';

describe('the in-memory kernel', () => kernelSuite(memoryMachine));
