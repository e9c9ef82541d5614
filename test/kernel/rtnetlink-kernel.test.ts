import { describe } from 'vitest';
import { kernelSuite } from './support/kernel-suite.ts';
import { namespaceMachine, namespaceObstacle } from './support/machine.ts';

const obstacle = namespaceObstacle();
const title = obstacle === undefined ? 'rtnetlink' : `rtnetlink (skipped: ${obstacle})`;

describe.skipIf(obstacle !== undefined)(title, () => kernelSuite(namespaceMachine));
