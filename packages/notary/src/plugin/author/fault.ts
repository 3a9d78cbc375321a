import { Nv2Error } from '@nv2/core';
import { NotaryError } from '../../errors.ts';
import type { PluginFault } from '../contract.ts';

/** What a plugin may say that went wrong (plugin-extensibility.md, "Error codes"). */
export type PluginErrorCode =
  | 'VALIDATION_ERROR'
  | 'UNSUPPORTED_CONTRACT_VERSION'
  | 'ACCESS_DENIED'
  | 'TIMEOUT'
  | 'THROTTLED'
  | 'ERROR';

/** An error that a plugin answers with. */
export function fault(
  code: PluginErrorCode,
  message: string,
  metadata: Readonly<Record<string, string>> = {},
): NotaryError {
  return new NotaryError('NOTARY_PLUGIN_FAILED', message, {
    data: { errorCode: code, errorMetadata: metadata },
  });
}

/** What is printed for whatever a handler has thrown. */
export function faultOf(error: unknown): PluginFault {
  const errorMessage = error instanceof Error ? error.message : String(error);
  if (!(error instanceof NotaryError) || error.code !== 'NOTARY_PLUGIN_FAILED') {
    const code = error instanceof Nv2Error ? new Map([['code', error.code]]) : new Map();
    return { errorCode: 'ERROR', errorMessage, errorMetadata: code };
  }
  const { errorCode, errorMetadata } = error.data;
  return {
    errorCode: String(errorCode),
    errorMessage,
    errorMetadata: new Map(Object.entries((errorMetadata ?? {}) as Record<string, string>)),
  };
}
