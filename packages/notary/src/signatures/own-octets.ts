/**
 * A copy of octets that a caller has given, which nobody else can write into: what is hashed, what is
 * compared with denials and what is judged are the same. They may be in shared memory, which platforms
 * do not read everywhere, or in a Buffer that is used again.
 *
 * @throws TypeError if they are none: an ArrayBuffer, a list or a text would be read as something else
 */
export function ownOctets(bytes: Uint8Array): Uint8Array {
  if (bytes?.BYTES_PER_ELEMENT !== 1) throw new TypeError('expected octets as a Uint8Array');
  return new Uint8Array(bytes);
}
