// The public API, read from the declarations that the compiler emits: what every entry of every
// published package exports, with its doc comment.
import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { publicPackages } from './packages.ts';
import { ROOT } from './run-command.ts';

/** A public name. */
export interface ApiExport {
  readonly name: string;
  /** The text of its doc comment, without the stars. */
  readonly doc?: string;
  /** As TypeScript, without bodies. */
  readonly declaration: string;
  /** The declaration file, from the root of the repository. */
  readonly file: string;
}

/** What one entry of a package exports, sorted by name. */
export interface ApiEntry {
  /** As it is imported, such as `@nv2/notary/judge`. */
  readonly name: string;
  readonly exports: readonly ApiExport[];
}

/** The API of all published packages, as last compiled. */
export async function readApi(): Promise<readonly ApiEntry[]> {
  const entries: ApiEntry[] = [];
  for (const { folder, json } of await publicPackages()) {
    for (const [entry, { types = '' }] of Object.entries(json.exports ?? {})) {
      const found = await exportsOf(join(ROOT, folder, types));
      const exports = [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
      entries.push({ name: join(json.name, entry), exports });
    }
  }
  return entries;
}

// The compiler writes one statement after the other; lines that go on with one are indented or close it,
// and comments between the members of a union are not.
const STATEMENT =
  /^(?:\/\*\*(?<doc>(?:(?!\*\/)[\s\S])*)\*\/\n)?(?<code>export (?!\{\};).*(?:\n(?:[ \t{}|)&\]'].*|\/\*\*.*\*\/(?=\n[ {'])|(?=\n)))*)/gm;
const NAMED =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|class|interface|type|enum) (?<name>\w+)/;
const RE_EXPORT = /^export (?:type )?\{(?<names>[^}]*)\}(?: from '(?<from>[^']+)')?;/;

async function exportsOf(path: string): Promise<ReadonlyMap<string, ApiExport>> {
  const found = new Map<string, ApiExport>();
  const text = await readFile(path, 'utf8');
  for (const { groups = {} } of text.matchAll(STATEMENT)) {
    const code = (groups['code'] ?? '').replace(/\n\/\/# source.*$/, '');
    const doc = groups['doc'] === undefined ? {} : { doc: plainText(groups['doc']) };
    const moved = RE_EXPORT.exec(code)?.groups;
    if (moved === undefined) {
      addDeclaration(found, { ...doc, name: nameIn(code), declaration: code, file: shown(path) });
      continue;
    }
    const { names = '', from } = moved;
    const source = from === undefined ? found : await exportsOf(resolve(path, from));
    for (const one of pick(names, source)) found.set(one.name, { ...one, ...doc });
  }
  return found;
}

/** Overloads are one name; the first one's comment is for all. */
function addDeclaration(found: Map<string, ApiExport>, one: ApiExport): void {
  const before = found.get(one.name);
  const declaration = before && `${before.declaration}\n${one.declaration}`;
  found.set(one.name, { ...one, ...before, ...(declaration && { declaration }) });
}

function nameIn(code: string): string {
  const name = NAMED.exec(code)?.groups?.['name'];
  if (name === undefined) throw new Error(`cannot read the declaration ${code.slice(0, 80)}`);
  return name;
}

function shown(path: string): string {
  return relative(ROOT, path);
}

function pick(names: string, source: ReadonlyMap<string, ApiExport>): readonly ApiExport[] {
  const wanted = names.split(',').map((text) => text.trim().replace(/^type /, ''));
  return wanted
    .filter((text) => text !== '')
    .map((text) => {
      const [from = '', name = from] = text.split(' as ');
      const found = source.get(from);
      if (found === undefined) throw new Error(`no declaration of ${from}`);
      return { ...found, name };
    });
}

/** `#crypto` is the one name that is not a path: the package's own condition. */
function resolve(path: string, from: string): string {
  if (from === '#crypto') return join(dirname(path), 'crypto/node.d.ts');
  return join(dirname(path), from.replace(/\.ts$/, '.d.ts'));
}

function plainText(comment: string): string {
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\* ?/, '').trimEnd());
  return lines.join('\n').trim();
}
