import { counted } from '@nv2/core';
import type { CopyReport } from '@nv2/oci';

/** What a copy was about. */
export interface CopyFacts {
  /** With the digest. */
  readonly source: string;
  readonly destination: string;
  readonly tag: string | undefined;
  /** Whether signatures were asked for and are enough: not so under a statement that skips them. */
  readonly isVerified: boolean;
}

/** The format of {@link copyJson}: see docs/artifacts.md. */
const COPY_FORMAT = 'nv2/copy/1';

/** A copy as scripts read it. */
export function copyJson(report: CopyReport, facts: CopyFacts): object {
  const { source, destination, tag, isVerified } = facts;
  return {
    format: COPY_FORMAT,
    source,
    destination,
    ...(tag !== undefined && { tag }),
    verified: isVerified,
    ...report,
  };
}

/** A copy as people read it. */
export function copyText(report: CopyReport, facts: CopyFacts): string {
  const { manifests, referrers, blobs, bytesSent } = report;
  const { source, destination, tag, isVerified } = facts;
  const lines = [
    `Copied ${source} to ${destination}`,
    `${counted(manifests.length, 'manifest')}, of which ${counted(referrers.length, 'signature or other referrer', 'signatures and other referrers')}`,
    `${counted(blobs.sent, 'blob')} sent (${counted(bytesSent, 'byte')}), ${blobs.mounted} taken over within the registry, ${blobs.present} there already`,
    ...(tag === undefined ? [] : [`Tagged ${tag}`]),
    ...(isVerified ? ['Verified before anything was written'] : []),
  ];
  return `${lines.join('\n')}\n`;
}
