import { resolve } from 'node:path';
import { Nv2Error } from '@nv2/core/errors';
import { addCertificate, notationFiles } from '@nv2/notary';
import { brokenRequirements, type Certificate, formatNameGo, type X509ErrorCode } from '@nv2/x509';
import type { CommandContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { describeError } from '../report-error.ts';
import type { ProgramName } from '../table/types.ts';
import { requirementWords } from '../text/certificate-advice.ts';
import { quote } from '../text/quote.ts';
import { namedStore } from './trust-store-arguments.ts';

const HINT = 'a trust store holds CA certificates and self-signed ones, PEM or DER';

/**
 * `cert add`: adds what it can, and fails if anything could not be added. Under the name nv2 it warns of
 * certificates by which no signature is accepted, as their cryptography is too weak.
 */
export async function run(context: CommandContext): Promise<void> {
  const { io, args, flags, printer, environment, program } = context;
  const { type, store } = namedStore(context);
  const root = notationFiles(environment.paths).trustStore;
  const added: string[] = [];
  const failed: Failed[] = [];
  for (const path of args) {
    try {
      const source = resolve(io.cwd, path);
      const { certificates } = await addCertificate(root, { type, store, source });
      added.push(path);
      if (program === 'nv2') warnOfWeak(printer, path, certificates);
    } catch (error) {
      if (!(error instanceof Nv2Error)) throw error;
      const reason = await describeError(error, program);
      failed.push({ path, code: error.code, reason, ...(error.hint && { hint: error.hint }) });
    }
  }
  if (flags.string('output') === 'json') {
    printer.json({ type, store, added, failed });
  } else if (added.length > 0) {
    const head = `Successfully added following certificates to named store ${store} of type ${type}:`;
    printer.line([head, ...added].join('\n'));
  }
  if (failed.length === 0) return;
  throw notAdded(failed, { program, type, store });
}

const TOO_WEAK: ReadonlySet<X509ErrorCode> = new Set([
  'X509_KEY_UNSUPPORTED',
  'X509_ALGORITHM_UNSUPPORTED',
]);

function warnOfWeak(
  printer: CommandContext['printer'],
  path: string,
  certificates: readonly Certificate[],
): void {
  for (const [index, certificate] of certificates.entries()) {
    for (const problem of brokenRequirements({ certificate, index }, 'authority')) {
      if (!TOO_WEAK.has(problem.code)) continue;
      const subject = quote(formatNameGo(certificate.subject));
      printer.warn(
        `${path}: no signature is accepted by the certificate ${subject}: ${requirementWords(problem)} [${problem.code}]`,
      );
    }
  }
}

interface Failed {
  readonly path: string;
  readonly code: string;
  readonly reason: string;
  readonly hint?: string;
}

function notAdded(
  failed: readonly Failed[],
  where: { readonly program: ProgramName; readonly type: string; readonly store: string },
): CliError {
  const lines = failed.map(({ path, code, reason, hint = HINT }) => {
    const line = `${path}, with error ${quote(reason)}`;
    return where.program === 'nv2' ? `${line} [${code}]\nhint: ${hint}` : line;
  });
  return new CliError(
    'CLI_CERTIFICATES_NOT_ADDED',
    `Failed to add following certificates to named store ${where.store} of type ${where.type}:\n${lines.join('\n')}\n`,
    { data: { failed } },
  );
}
