/** A message of this type and total length; the body counts up from `seed`, so that mixups show. */
export function messageOf(type: number, length = 19, seed = 0): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.fill(0xff, 0, 16);
  bytes.writeUInt16BE(length, 16);
  bytes[18] = type;
  for (let i = 19; i < length; i++) bytes[i] = (seed + i) & 255;
  return bytes;
}

export const keepalive: Buffer = messageOf(4);

/** UPDATEs of many lengths, each told from the others by its body. */
export function someUpdates(count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => messageOf(2, 23 + ((i * 37) % 300), i));
}

/** Cease / Administrative Shutdown. */
export const cease: Buffer = (() => {
  const bytes = messageOf(3, 21);
  bytes[19] = 6;
  bytes[20] = 2;
  return bytes;
})();

/** More than any connection takes at once. */
export const slab: Buffer = Buffer.concat(Array<Buffer>(64).fill(messageOf(2, 4096)));
