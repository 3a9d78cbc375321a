import { defaultCrypto, encodeHex } from '@nv2/core';

/** SHA-256 of a certificate, lower-case hex. */
export async function thumbprint(der: Uint8Array): Promise<string> {
  return encodeHex(await defaultCrypto.digest('sha256', der));
}
