// Owns the end of large buffers of ours whose last use is known.

/**
 * Frees the memory at once. V8 would do so when it collects the array, and bytes outside its heap move it to do so only when
 * they are many: a service with little garbage of its own held 25 MB that 15,000 spans had passed through after an outage.
 *
 * @param bytes of nobody else, nor known to libuv any more; a window on something larger, such as the pool that small Buffers
 *   share, is left alone, unless it lacks but one byte
 */
export function giveBack({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength <= byteLength + 1) buffer.transfer(0);
}
