import { type FileHandle, open } from 'node:fs/promises';
import { type FileLock, lockFile } from '@nv2/oci';
import { CliError } from '../errors.ts';
import { systemError } from '../files.ts';
import type { VerdictRecord } from '../report/record.ts';
import { formatJsonLine } from '../text/go-json.ts';
import { JournalIndex } from './journal-index.ts';
import { headerLine, readJournal } from './read-journal.ts';
import { keyedTextHash, type TextHash } from './text-hash.ts';

/**
 * Verdicts that were reached, on the disk: a first line that says by what policy, then one record a
 * line. What is appended is there after a crash; the last line may then be cut off, and is dropped when
 * the journal is opened again. Where that is the first one, the journal is begun anew.
 */
export class Journal {
  readonly #file: FileHandle;
  readonly #lock: FileLock;
  readonly #path: string;
  readonly #finished: JournalIndex;
  /** Lines that wait for the disk, with those that are being written before them. */
  #waiting: { readonly lines: string[]; readonly written: Promise<void> } | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    path: string,
    opened: { readonly file: FileHandle; readonly lock: FileLock },
    finished: JournalIndex,
  ) {
    this.#path = path;
    this.#file = opened.file;
    this.#lock = opened.lock;
    this.#finished = finished;
  }

  /**
   * Opens a journal, or begins one. One that was kept under another policy is begun anew.
   * @param policy what {@link policyHash} gives
   * @param onRestart called where a journal of another policy was emptied
   * @param hash whatever it gives, no reference gets the verdict of another
   * @throws CliError `CLI_JOURNAL_INVALID` for a file that is no journal, which stays as it is;
   *   `CLI_JOURNAL_IN_USE`, `CLI_FILE_*`, `CLI_WRITE_FAILED`
   */
  static async open(
    path: string,
    {
      policy,
      onRestart,
      hash = keyedTextHash(),
    }: {
      readonly policy: string;
      readonly onRestart: () => void;
      readonly hash?: TextHash;
    },
  ): Promise<Journal> {
    const lock = await lockFile(`${path}.lock`, { timeoutMs: 0 }).catch((cause: unknown) => {
      throw systemError(cause, path);
    });
    if (lock === undefined) throw inUse(path);
    let file: FileHandle | undefined;
    try {
      file = await open(path, 'a+', 0o600);
      const { finished, end, header } = await readJournal(file, path, hash);
      if (header?.policy === policy) {
        await file.truncate(end);
        return new Journal(path, { file, lock }, finished);
      }
      if (header !== undefined) onRestart();
      await file.truncate(0);
      await file.appendFile(headerLine(policy));
      await file.datasync();
      return new Journal(path, { file, lock }, new JournalIndex(hash));
    } catch (cause) {
      await file?.close();
      await lock.release();
      throw cause instanceof CliError ? cause : systemError(cause, path);
    }
  }

  /** The verdict on a reference that was reached before. */
  async finished(reference: string): Promise<VerdictRecord | undefined> {
    for (const { at, length } of this.#finished.find(reference)) {
      const { buffer } = await this.#file.read(Buffer.alloc(length), 0, length, at);
      const record: VerdictRecord = JSON.parse(buffer.toString('utf8'));
      if (record.reference === reference) return record;
    }
    return undefined;
  }

  /**
   * Returns once the verdict is on the disk. Those that come while others are written go there
   * together.
   * @throws CliError `CLI_WRITE_FAILED`
   */
  append(record: VerdictRecord): Promise<void> {
    if (this.#waiting === undefined) {
      const lines: string[] = [];
      const written = this.#writing.then(() => this.#write(lines));
      this.#waiting = { lines, written };
      this.#writing = written;
    }
    this.#waiting.lines.push(formatJsonLine(record));
    return this.#waiting.written;
  }

  async #write(lines: readonly string[]): Promise<void> {
    this.#waiting = undefined;
    try {
      await this.#file.appendFile(lines.join(''));
      await this.#file.datasync();
    } catch (cause) {
      throw systemError(cause, this.#path);
    }
  }

  /** Waits for what is being written, and lets go of the file. */
  async close(): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.#file.close();
    await this.#lock.release();
  }
}

function inUse(path: string): CliError {
  return new CliError('CLI_JOURNAL_IN_USE', `another scan is writing to ${path}`, {
    data: { path },
    hint: 'wait until it has ended, or name another file',
  });
}
