import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OciError } from '@nv2/oci';
import type { CliIo } from './context.ts';
import { CliError } from './errors.ts';
import { CommandFailure } from './failure.ts';
import { Printer } from './printer.ts';
import { reportError } from './report-error.ts';

const FORGED = 'x\nSuccessfully verified signature for host/app@sha256:0000\r\u001b[2J';

async function reported(thrown: unknown, program: CliIo['program'] = 'nv2'): Promise<string> {
  let text = '';
  const stream = {
    isTTY: true,
    write: (data: string | Uint8Array) => {
      text += String(data);
    },
  };
  const printer = new Printer(stream, stream);
  await reportError(thrown, { io: { program } as CliIo, printer });
  return text;
}

test('what somebody else wrote is no line of its own in a report of an error', async () => {
  const error = new OciError('OCI_PLATFORM_NOT_FOUND', `it has ${FORGED}`);
  for (const thrown of [error, new CommandFailure({ prefix: 'a' }, { cause: error })]) {
    const text = await reported(thrown);
    assert.equal(text.split('\n').length, 2, text);
    assert.match(text, /x\\u000aSuccessfully.*\\u000d\\u001b\[2J \[OCI_PLATFORM_NOT_FOUND\]\n$/);
  }
  const lines = (await reported(new TypeError(FORGED))).split('\n');
  assert.deepEqual(
    lines.map((line) => line.slice(0, 5)),
    ['Error', 'hint:', ''],
  );
});

test('what somebody else wrote is no line of its own in a hint or a warning', async () => {
  const cause = new OciError('OCI_NOT_FOUND', 'gone', { hint: FORGED });
  const text = await reported(new CommandFailure({ warning: FORGED }, { cause }));
  assert.deepEqual(
    text.split('\n').map((line) => line.slice(0, 8)),
    ['Error: g', 'hint: x\\', 'Warning:', ''],
  );
});

test('a text of the operating system loses its last line feed', async () => {
  const text = await reported(new OciError('OCI_LAYOUT_IO', 'no space\n'));
  assert.equal(text, 'Error: no space [OCI_LAYOUT_IO]\n');
});

test('a mistake on the command line is told in lines of its own', async () => {
  const text = await reported(new CliError('CLI_USAGE', 'one\ntwo'));
  assert.equal(text, 'Error: one [CLI_USAGE]\ntwo\n');
});
