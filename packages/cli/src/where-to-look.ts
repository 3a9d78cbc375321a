import { isStandardStream, splitLayout } from './artifact-reference.ts';
import type { CommandContext } from './context.ts';
import { isArchive } from './open-artifact.ts';
import type { Verified } from './report/record.ts';
import type { WhereToLook } from './text/next-step.ts';
import { shellWord } from './text/shell-word.ts';

type Context = Pick<CommandContext, 'command' | 'flags' | 'args' | 'io'>;

/** Where that can be looked at which a verdict of this command is about. */
export function whereToLook(
  context: Context,
  {
    verified,
    root,
    policyPath,
  }: {
    readonly verified: Verified;
    /** What holds it, where everything inside of that was verified. */
    readonly root?: string;
    readonly policyPath: string | undefined;
  },
): WhereToLook {
  const { flags } = context;
  const trustDir = has(context, 'trust-dir') ? flags.optional('trust-dir') : undefined;
  const where = { policyPath, trustDir };
  if ('blob' in verified) {
    return { target: shellWord(flags.string('signature')), isBlob: true, ...where };
  }
  const { artifact } = verified;
  const target = isLayout(context) ? layoutWords(artifact) : shellWord(artifact);
  return { target, signing: signing(context, root ?? artifact), isBlob: false, ...where };
}

const KEY = 'the key is the default one, or what --key, or --key-file with --cert-file, names';
/** Of a layout that does not exist yet; followed to the letter, it is called that. */
const NEW_LAYOUT = 'DIRECTORY';

// Signatures can be added to registries and directories only: what an archive holds goes to one first.
function signing(context: Context, artifact: string): string {
  const [given = ''] = context.args;
  const sign = isOn(context, 'recursive') ? 'nv2 sign --recursive' : 'nv2 sign';
  if (!isLayout(context)) return `"${sign} ${shellWord(artifact)}" puts it there; ${KEY}`;
  const { path } = splitLayout(given);
  if (!isArchive(context, path)) return `"${sign} ${layoutWords(artifact)}" puts it there; ${KEY}`;
  const after = (text: string): string => shellWord(`${NEW_LAYOUT}${text.slice(path.length)}`);
  const copy = `nv2 copy --from-oci-layout --to-oci-layout ${pathWord(given)} ${after(given)}`;
  return `an archive cannot be added to: "${copy}" makes a layout of it, and "${sign} --oci-layout ${after(artifact)}" puts it there; ${KEY}`;
}

function layoutWords(artifact: string): string {
  return `--oci-layout ${pathWord(artifact)}`;
}

// Neither a flag nor, but for - alone, standard input.
function pathWord(text: string): string {
  return shellWord(text.startsWith('-') && !isStandardStream(text) ? `./${text}` : text);
}

function isLayout(context: Context): boolean {
  return isOn(context, 'oci-layout') || isOn(context, 'from-oci-layout');
}

function isOn(context: Context, name: string): boolean {
  return has(context, name) && context.flags.isOn(name);
}

function has({ command }: Context, name: string): boolean {
  return command.flags?.some((flag) => flag.name === name) === true;
}
