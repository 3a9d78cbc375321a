import type { CallOptions } from '@nv2/oci';

/** The call options without anything else. */
export function callOptions(options: CallOptions): CallOptions {
  return options.signal === undefined ? {} : { signal: options.signal };
}
