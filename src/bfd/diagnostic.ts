/** Values of the diagnostic field that we set ourselves, RFC 5880 §4.1. */
export const NO_DIAGNOSTIC = 0;
export const DETECTION_TIME_EXPIRED = 1;
export const NEIGHBOR_SIGNALED_DOWN = 3;
export const ADMINISTRATIVELY_DOWN = 7;

const TEXTS: readonly string[] = [
  'no diagnostic',
  'control detection time expired',
  'echo function failed',
  'neighbor signaled session down',
  'forwarding plane reset',
  'path down',
  'concatenated path down',
  'administratively down',
  'reverse concatenated path down',
];

/** A diagnostic in the words of RFC 5880 §4.1. */
export const diagnosticText = (diagnostic: number): string =>
  TEXTS[diagnostic] ?? `diagnostic ${diagnostic}`;
