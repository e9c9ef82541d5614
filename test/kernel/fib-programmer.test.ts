import { describe } from 'vitest';
import { memoryMachine, namespaceMachine, namespaceObstacle } from './support/machine.ts';
import { programmerSuite } from './support/programmer-suite.ts';

const obstacle = namespaceObstacle();
const title = obstacle === undefined ? 'over rtnetlink' : `over rtnetlink (skipped: ${obstacle})`;

describe('the FIB programmer over the in-memory kernel', () => programmerSuite(memoryMachine));

describe.skipIf(obstacle !== undefined)(`the FIB programmer ${title}`, () =>
  programmerSuite(namespaceMachine),
);
