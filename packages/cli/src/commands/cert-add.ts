import { resolve } from 'node:path';
import { Nv2Error } from '@nv2/core/errors';
import { addCertificate, notationFiles } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { describeError } from '../report-error.ts';
import { quote } from '../text/quote.ts';
import { namedStore } from './trust-store-arguments.ts';

/** `cert add`: adds what it can, and fails if anything could not be added. */
export async function run(context: CommandContext): Promise<void> {
  const { io, args, flags, printer, environment } = context;
  const { type, store } = namedStore(context);
  const root = notationFiles(environment.paths).trustStore;
  const added: string[] = [];
  const failed: { path: string; code: string; reason: string }[] = [];
  for (const path of args) {
    try {
      await addCertificate(root, { type, store, source: resolve(io.cwd, path) });
      added.push(path);
    } catch (error) {
      if (!(error instanceof Nv2Error)) throw error;
      const reason = await describeError(error, context.program);
      failed.push({ path, code: error.code, reason });
    }
  }
  if (flags.string('output') === 'json') {
    printer.json({ type, store, added, failed });
  } else if (added.length > 0) {
    const head = `Successfully added following certificates to named store ${store} of type ${type}:`;
    printer.line([head, ...added].join('\n'));
  }
  if (failed.length === 0) return;
  const lines = failed.map(({ path, reason }) => `${path}, with error ${quote(reason)}\n`);
  throw new CliError(
    'CLI_CERTIFICATE_REJECTED',
    `Failed to add following certificates to named store ${store} of type ${type}:\n${lines.join('')}`,
    {
      data: { failed },
      hint: 'a trust store holds CA certificates and self-signed ones, PEM or DER',
    },
  );
}
