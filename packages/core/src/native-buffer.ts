/** What Node and Bun have for octets in native code; browsers have none. */
export const NativeBuffer: typeof Buffer | undefined = globalThis.Buffer;
