import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CliError } from '../errors.ts';
import type { FlagSpec } from '../table/types.ts';
import { parseFlags } from './flag-set.ts';

const FLAGS: readonly FlagSpec[] = [
  { name: 'debug', shorthand: 'd', type: 'bool', usage: '' },
  { name: 'verbose', shorthand: 'v', type: 'bool', usage: '' },
  { name: 'key', shorthand: 'k', type: 'string', default: 'none', usage: '' },
  { name: 'expiry', shorthand: 'e', type: 'duration', usage: '' },
  { name: 'max', type: 'int', default: 100, usage: '' },
  { name: 'meta', shorthand: 'm', type: 'stringArray', usage: '' },
];

function parsed(...line: readonly string[]): Record<string, unknown> {
  const { values, changed, args } = parseFlags(FLAGS, line);
  const set = Object.fromEntries([...changed].map((name) => [name, values.get(name)]));
  return { ...set, args };
}

describe('forms that are accepted', () => {
  const forms: readonly (readonly [readonly string[], Record<string, unknown>])[] = [
    [['--key=a', 'x'], { key: 'a', args: ['x'] }],
    [['--key', 'a', 'x'], { key: 'a', args: ['x'] }],
    [['-ka', 'x'], { key: 'a', args: ['x'] }],
    [['-k=a', 'x'], { key: 'a', args: ['x'] }],
    [['-k', 'a', 'x'], { key: 'a', args: ['x'] }],
    [['-k='], { key: '=', args: [] }],
    [['--key='], { key: '', args: [] }],
    [['-dvka', 'x'], { debug: true, verbose: true, key: 'a', args: ['x'] }],
    [['-dvk', 'a'], { debug: true, verbose: true, key: 'a', args: [] }],
    [['-d=false'], { debug: false, args: [] }],
    [['--debug', 'false'], { debug: true, args: ['false'] }],
    [['x', '-d', 'y'], { debug: true, args: ['x', 'y'] }],
    [['x', '--', '-d', '--key'], { args: ['x', '-d', '--key'] }],
    [['--key', '--'], { key: '--', args: [] }],
    [['-'], { args: ['-'] }],
    [['-ma=b,c', '--meta', 'd=e'], { meta: ['a=b,c', 'd=e'], args: [] }],
    [['--max=0x10', '--max=2'], { max: 2, args: [] }],
    [['--key=a', '--key=b'], { key: 'b', args: [] }],
  ];
  for (const [line, expected] of forms) {
    test(line.join(' '), () => assert.deepEqual(parsed(...line), expected));
  }
  test('flags that are not given keep their defaults', () => {
    const { values } = parseFlags(FLAGS, []);
    assert.deepEqual([...values.values()], [false, false, 'none', 0n, 100, []]);
  });
});

describe('forms that are refused in the words of pflag', () => {
  const forms: readonly (readonly [readonly string[], string])[] = [
    [['--nope'], 'unknown flag: --nope'],
    [['--nope=1'], 'unknown flag: --nope'],
    [['--deb'], 'unknown flag: --deb'],
    [['-x'], "unknown shorthand flag: 'x' in -x"],
    [['-dx'], "unknown shorthand flag: 'x' in -x"],
    [['--key'], 'flag needs an argument: --key'],
    [['-k'], "flag needs an argument: 'k' in -k"],
    [['-dk'], "flag needs an argument: 'k' in -k"],
    [['---d'], 'bad flag syntax: ---d'],
    [['--=d'], 'bad flag syntax: --=d'],
    [['--expiry=x'], 'invalid argument "x" for "-e, --expiry" flag: time: invalid duration "x"'],
    [
      ['--max', 'a'],
      'invalid argument "a" for "--max" flag: strconv.ParseInt: parsing "a": invalid syntax',
    ],
    [
      ['-d=maybe'],
      'invalid argument "maybe" for "-d, --debug" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
  ];
  for (const [line, message] of forms) {
    test(line.join(' '), () =>
      assert.throws(() => parseFlags(FLAGS, line), { code: 'CLI_USAGE', message }),
    );
  }
});

test('under the name nv2 a value of another type is told without the words of Go', () => {
  for (const [line, expected] of [
    [['--max', 'a'], 'a whole number'],
    [['--expiry=1d'], 'a duration, as in 24h, 30m or 1h30m'],
    [['-d=maybe'], 'true or false'],
  ] as const) {
    assert.throws(() => parseFlags(FLAGS, line, { program: 'nv2' }), {
      code: 'CLI_USAGE',
      message: new RegExp(`^invalid argument .* flag: expected ${expected}$`),
    });
  }
});

test('any line is read or refused with a usage error', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('--key', '-k', '-d', '--', '--max=1', '-e', '-dk', '--debug=1'),
  );
  fc.assert(
    fc.property(fc.array(word), (line) => {
      try {
        parseFlags(FLAGS, line);
      } catch (error) {
        assert.ok(error instanceof CliError && error.code === 'CLI_USAGE');
      }
    }),
  );
});
