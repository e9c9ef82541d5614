/** Text in which a product wrote octets of UTF-8 as `\303\274` or `\xc3\xbc`, as it was meant. */
export const unescaped = (text: string): string =>
  text.replaceAll(/(?:\\[0-7]{3}|\\x[0-9a-f]{2})+/g, (escapes) => {
    const octets = escapes.split('\\').slice(1);
    return Buffer.from(
      octets.map((octet) =>
        Number.parseInt(octet.replace('x', ''), octet.startsWith('x') ? 16 : 8),
      ),
    ).toString();
  });
