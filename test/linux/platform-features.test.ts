import { expect, test } from 'vitest';
import { platformFeatures } from '../../src/linux/platform-features.ts';

test('every feature is there or says what is in the way', () => {
  const features = platformFeatures();
  expect(features.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['route-programming', 'tcp-md5', 'ttl-security', 'bfd']),
  );
  for (const { detail } of features) expect(detail).not.toBe('');
});
