const DECODER = new TextDecoder('utf-8', { fatal: true });

/**
 * Text from a peer, fit for logs and terminals: control, format and line-separating characters
 * become U+FFFD. Undefined when the bytes are not UTF-8.
 */
export function safeText(bytes: Uint8Array): string | undefined {
  try {
    return DECODER.decode(bytes).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
  } catch {
    return undefined;
  }
}
