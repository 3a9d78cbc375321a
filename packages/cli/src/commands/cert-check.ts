import { resolve } from 'node:path';
import { readCertificateFile } from '@nv2/notary';
import {
  brokenRequirements,
  type Certificate,
  type CertificateRole,
  formatNameGo,
  isSelfIssued,
  validateCodeSigningChain,
  validateTimestampingChain,
  X509Error,
} from '@nv2/x509';
import type { CommandContext } from '../context.ts';
import { CliError } from '../errors.ts';
import {
  adviceOn,
  extensionSection,
  ROLE_NAMES,
  requirementWords,
} from '../text/certificate-advice.ts';
import { printable } from '../text/printable.ts';

/**
 * `cert check`: every requirement of the Notary Project that the certificates of a file break, and how
 * to issue ones that pass. It judges what they are fit for, not whether they are trusted.
 */
export async function run(context: CommandContext): Promise<void> {
  const { io, args, flags, printer } = context;
  const [path = ''] = args;
  const { certificates } = await readCertificateFile(resolve(io.cwd, path), { followLinks: true });
  const checked = await checkAll(context, certificates);
  const problems = checked.flatMap((one) => one.problems).length;
  if (flags.string('output') === 'json') printer.json(checked.map(toJson));
  else for (const one of checked) printer.line(toText(one));
  if (problems === 0) return;
  throw new CliError(
    'CLI_CERTIFICATE_UNFIT',
    `${printable(path)} does not meet the requirements of the Notary Project (${problems} broken)`,
    { data: { problems } },
  );
}

interface Checked {
  readonly index: number;
  readonly subject: string;
  readonly role: CertificateRole;
  readonly problems: readonly X509Error[];
}

async function checkAll(
  { io, flags }: CommandContext,
  certificates: readonly Certificate[],
): Promise<readonly Checked[]> {
  const areAuthorities = flags.isOn('ca');
  const forTimestamps = flags.isOn('tsa');
  const alone = certificates.map((certificate, index): Checked => {
    const isSigner = index === 0 && !areAuthorities;
    const role = roleOf(isSigner, forTimestamps);
    // of a bundle of authorities nobody says that one issued the other
    const below = areAuthorities ? 0 : Math.max(0, index - 1);
    const problems = [
      ...brokenRequirements({ certificate, index }, role, below),
      ...outOfTime(certificate, index, io.now()),
    ];
    return { index, subject: formatNameGo(certificate.subject), role, problems };
  });
  if (areAuthorities) return alone;
  const chained = await chainProblem(certificates, forTimestamps);
  if (chained === undefined || isKnown(alone, chained)) return alone;
  const at = Number(chained.data['index'] ?? 0);
  return alone.map((one) =>
    one.index === at ? { ...one, problems: [...one.problems, chained] } : one,
  );
}

function roleOf(isSigner: boolean, forTimestamps: boolean): CertificateRole {
  if (isSigner) return forTimestamps ? 'timestampSigner' : 'signer';
  return forTimestamps ? 'timestampAuthority' : 'authority';
}

function outOfTime({ notBefore, notAfter }: Certificate, index: number, now: Date): X509Error[] {
  const time = now.getTime();
  const [code, words] =
    time > notAfter
      ? (['X509_EXPIRED', `expired at ${new Date(notAfter).toISOString()}`] as const)
      : (['X509_NOT_YET_VALID', `not valid before ${new Date(notBefore).toISOString()}`] as const);
  if (time >= notBefore && time <= notAfter) return [];
  return [new X509Error(code, words, { data: { index } })];
}

// What lies between certificates: order, names, signatures.
async function chainProblem(
  certificates: readonly Certificate[],
  forTimestamps: boolean,
): Promise<X509Error | undefined> {
  const [first, ...more] = certificates;
  if (first === undefined || (more.length === 0 && !isSelfIssued(first))) {
    return new X509Error(
      'X509_CHAIN_INCOMPLETE',
      'the chain does not reach a root: the certificates of its authorities are missing',
      { data: { index: 0 } },
    );
  }
  try {
    await (forTimestamps ? validateTimestampingChain : validateCodeSigningChain)(certificates);
    return undefined;
  } catch (error) {
    if (error instanceof X509Error) return error;
    throw error;
  }
}

// A signature that cannot hold may be the fault of whoever issued it, of whom the same is told.
function isKnown(checked: readonly Checked[], { code, data }: X509Error): boolean {
  const at = Number(data['index'] ?? 0);
  return checked.some(
    ({ index, problems }) =>
      (index === at || index === at + 1) && problems.some((one) => one.code === code),
  );
}

function toJson({ index, subject, role, problems }: Checked): object {
  return {
    index,
    subject,
    role,
    problems: problems.map((problem) => ({
      code: problem.code,
      message: problem.message,
      advice: adviceOn(problem),
    })),
    ...(problems.length > 0 && { extensions: extensionSection(role) }),
  };
}

function toText({ index, subject, role, problems }: Checked): string {
  const head = `certificate ${index}, ${JSON.stringify(subject)}, as ${ROLE_NAMES[role]}:`;
  if (problems.length === 0) return `${head} fits`;
  const lines = problems.flatMap((problem) => [
    `  ${printable(requirementWords(problem))} [${problem.code}]`,
    `    ${adviceOn(problem)}`,
  ]);
  const section = extensionSection(role).map((line) => `    ${line}`);
  return [head, ...lines, '  extensions that pass:', ...section].join('\n');
}
