const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * The octets of a policy without the byte order mark that some editors put before UTF-8. The
 * reference refuses one; it changes nothing about what the policy says.
 */
export function policyOctets(bytes: Uint8Array): Uint8Array {
  const isMarked = BYTE_ORDER_MARK.every((octet, at) => bytes[at] === octet);
  return isMarked ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes;
}
