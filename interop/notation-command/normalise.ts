// What two right answers to one command line differ in, and nothing else.

/** Texts that no two programs or runs share, by the command lines that print them. */
const VARIES: readonly { readonly on: RegExp; readonly text: RegExp; readonly name: string }[] = [
  { on: /^cert generate-test /, text: /(?<=expiring on )\S+Z/g, name: '{{time}}' },
  { on: /^version$/, text: /(?<=^(?:Version|Go version|OS\/Arch): +).*$/gm, name: '{{version}}' },
  { on: /^sign -k old /, text: /\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d/g, name: '{{time}}' },
  // which one comes first is up to the registry
  { on: /^list --max-signatures 1 /, text: /(?<=── )sha256:[0-9a-f]{64}/g, name: '{{digest}}' },
  // JSON of another indentation
  { on: /^inspect .*json/, text: /^ +|,$/gm, name: '' },
  // v2 tells fractions of a second
  { on: /^inspect .*json/, text: /(?<=T\d\d:\d\d:\d\d)\.\d+(?=Z)/g, name: '' },
  // a column is as wide as its widest text, which may be one of those that differ
  { on: /^plugin (list|ls)/, text: / {3,}(?=\S|$)/gm, name: '   ' },
  // the lines of the log are our own
  { on: / -[vd] /, text: /^(?:time=.* )?level=.*\n/gm, name: '' },
];

/** The text that a command line printed, without what it cannot share with another program's. */
export function normalise(line: string, text: string): string {
  const varied = VARIES.filter(({ on }) => on.test(line));
  const same = varied.reduce((result, { text, name }) => result.replace(text, name), text);
  return isUnordered(line) ? same.replaceAll('├', '└').replaceAll('│', ' ') : same;
}

/** Go throws dice for the order of attributes and of metadata, and a registry for that of referrers. */
export function isUnordered(line: string): boolean {
  return /^(inspect|list|verify) /.test(line);
}
