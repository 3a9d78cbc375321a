import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AttributeValue, EnvelopeContent, ExtendedAttribute } from '@nv2/envelope';
import { NotaryError, type NotaryErrorCode } from '../errors.ts';
import {
  criticalAttributes,
  extendedAttributes,
  VERIFICATION_PLUGIN,
  VERIFICATION_PLUGIN_MIN_VERSION,
  verificationPluginOf,
} from './attributes.ts';

function contentWith(attributes: readonly ExtendedAttribute[]): EnvelopeContent {
  const content: Pick<EnvelopeContent, 'extendedAttributes'> = { extendedAttributes: attributes };
  return content as EnvelopeContent;
}

function attribute(
  key: ExtendedAttribute['key'],
  value: AttributeValue,
  critical = true,
): ExtendedAttribute {
  return { key, value, critical };
}

const NAMED = attribute(VERIFICATION_PLUGIN, 'demo');

function isCode(code: NotaryErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof NotaryError && error.code === code;
}

describe('the attributes of a signature', () => {
  const untellable: readonly (readonly [string, ExtendedAttribute['key'], AttributeValue])[] = [
    ['a number for its name', 100, 'x'],
    ['octets', 'x', Uint8Array.of(1)],
    ['an integer that JSON readers round', 'x', 2n ** 60n],
    ['octets in a list', 'x', ['y', Uint8Array.of(1)]],
    ['a map by numbers', 'x', new Map([[1, 'y']])],
    ['octets in a map', 'x', new Map([['y', Uint8Array.of(1)]])],
  ];
  for (const [what, key, value] of untellable) {
    test(`security row 24: with ${what} are refused if critical, whatever plugin is named`, () => {
      for (const others of [[], [NAMED]]) {
        assert.throws(
          () => verificationPluginOf(contentWith([...others, attribute(key, value)])),
          isCode('NOTARY_ATTRIBUTE_UNSUPPORTED'),
        );
      }
    });

    test(`with ${what} are not told to a plugin if not critical`, () => {
      const content = contentWith([NAMED, attribute(key, value, false)]);
      assert.deepEqual(verificationPluginOf(content), { name: 'demo' });
      assert.deepEqual(extendedAttributes(content), new Map());
      assert.deepEqual(criticalAttributes(content), []);
    });
  }

  test('are told to the plugin as JSON, but those that name it', () => {
    const value = new Map<string, AttributeValue>([['__proto__', [1, null, true]]]);
    const content = contentWith([
      NAMED,
      attribute(VERIFICATION_PLUGIN_MIN_VERSION, '1.0.0'),
      attribute('x', value),
      attribute('y', 'z', false),
    ]);
    assert.deepEqual(verificationPluginOf(content), { name: 'demo', minVersion: '1.0.0' });
    assert.deepEqual(criticalAttributes(content), ['x']);
    assert.equal(
      JSON.stringify(Object.fromEntries(extendedAttributes(content))),
      '{"x":{"__proto__":[1,null,true]},"y":"z"}',
    );
  });

  test('that say how new a plugin must be, and not which, are not understood', () => {
    const version = attribute(VERIFICATION_PLUGIN_MIN_VERSION, '1.0.0');
    assert.throws(
      () => verificationPluginOf(contentWith([version])),
      isCode('NOTARY_ATTRIBUTE_UNSUPPORTED'),
    );
    assert.equal(verificationPluginOf(contentWith([{ ...version, critical: false }])), undefined);
  });
});
