import type { Verdict } from '@nv2/notary';
import { printable } from './printable.ts';

/** Where that can be looked at which a verdict is about. */
export interface WhereToLook {
  /** What follows "nv2 inspect", in words of a shell, as in `registry.example/app@sha256:…`. */
  readonly target: string;
  /** How a signature gets there, in words. */
  readonly signing?: string;
  readonly isBlob: boolean;
  /** Path of the policy file; absent where the command line alone says whom to trust. */
  readonly policyPath: string | undefined;
  /** The directory of trust stores that the command line names. */
  readonly trustDir: string | undefined;
}

/** What a hint about a plugin that is slow goes on to say, where the command has the flag. */
export const MORE_PLUGIN_TIME = ', or give it more time with --plugin-timeout';

/** The next step that the first of the causes with one names, and the command or file for it. */
export function nextStep(
  { cause, signatures }: Pick<Verdict, 'cause' | 'signatures'>,
  where: WhereToLook,
): string | undefined {
  const causes = [cause, ...signatures.map((signature) => signature.cause)];
  const hint = causes.find((one) => one?.hint !== undefined)?.hint;
  // the cause of a verdict that is undecided has the hint of what was undecided
  const telling = causes.findLast((one) => one?.hint === hint);
  if (hint === undefined || telling === undefined) return undefined;
  return `${hint}${placeOf(telling.code, where)}`;
}

/** What the hint of the library cannot know, to follow its words. */
function placeOf(code: string, where: WhereToLook): string {
  const { target, signing, isBlob, policyPath, trustDir } = where;
  const at = policyPath === undefined ? undefined : printable(policyPath);
  const command = isBlob ? 'nv2 blob' : 'nv2';
  switch (code) {
    case 'NOTARY_SIGNATURE_NOT_FOUND':
      return signing === undefined ? '' : `; ${signing}`;
    case 'NOTARY_CHAIN_UNTRUSTED':
      return `; "${command} inspect ${target}" shows who signed, ${trusted(at, trustDir)}`;
    case 'X509_TIMESTAMP_UNTRUSTED':
      return `; "${command} inspect ${target}" shows whose timestamp it is, ${trusted(at, trustDir)}`;
    case 'NOTARY_IDENTITY_MISMATCH':
      return at === undefined ? ' after --identity' : ` in ${at}`;
    case 'NOTARY_KEY_UNTRUSTED':
      return at === undefined ? ' after --pin' : ` in ${at}`;
    case 'NOTARY_POLICY_NOT_APPLICABLE':
      return at === undefined ? '' : `; the trust policy is ${at}`;
    case 'NOTARY_PLUGIN_TIMEOUT':
      return MORE_PLUGIN_TIME;
    default:
      return '';
  }
}

function trusted(policy: string | undefined, trustDir: string | undefined): string {
  if (policy === undefined) return '--trust names who is trusted';
  if (trustDir !== undefined) return `${printable(trustDir)} holds the trust stores`;
  return '"nv2 cert list" the trust stores';
}
