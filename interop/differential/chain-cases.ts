// Several hundred chains, most of them bad in one way, some in two, some good.
import { CERTIFICATE_CHANGES } from './certificate-changes.ts';
import { buildChain, type CertificatePlan, goodPlan, sharedKey } from './chain-plan.ts';
import { sequence } from './sequence.ts';

/** A chain to judge at {@link NOON}; leaf first. */
export interface ChainCase {
  readonly name: string;
  readonly certificates: readonly Uint8Array[];
}

const POSITIONS = ['leaf', 'intermediate', 'root'] as const;

/** All chains; the same on every run but for keys and signature values. */
export function chainCases(): ChainCase[] {
  return [...goodChains(), ...singleChanges(), ...selfSignedLeaves(), ...reshaped(), ...pairs()];
}

function goodChains(): ChainCase[] {
  const leafKeys = ['RSA-2048', 'RSA-3072', 'RSA-4096', 'P-256', 'P-384', 'P-521'] as const;
  const authorityKeys = ['RSA-2048', 'P-256', 'P-384', 'P-521'] as const;
  return [
    ...[1, 2, 3, 4, 5].map((depth) => ({
      name: `good chain of ${depth}`,
      certificates: buildChain(goodPlan({ depth })),
    })),
    ...leafKeys.flatMap((leafKey) =>
      authorityKeys.map((authorityKey) => ({
        name: `good chain, ${leafKey} under ${authorityKey}`,
        certificates: buildChain(goodPlan({ leafKey, authorityKey })),
      })),
    ),
    ...(['sha256', 'sha384', 'sha512'] as const).map((hash) => ({
      name: `good chain signed with RSASSA-PSS and ${hash}`,
      certificates: buildChain(
        goodPlan({ authorityKey: 'RSA-2048' }).map((plan) => ({
          ...plan,
          scheme: { kind: 'pss', hash } as const,
        })),
      ),
    })),
    {
      name: 'chain signed with RSA and SHA-1',
      certificates: buildChain(
        goodPlan({ authorityKey: 'RSA-2048' }).map((plan) => ({
          ...plan,
          scheme: { kind: 'pkcs1', hash: 'sha1' } as const,
        })),
      ),
    },
  ];
}

function changed(
  plan: CertificatePlan[],
  changes: readonly { readonly at: number; readonly apply: (plan: CertificatePlan) => void }[],
): Uint8Array[] {
  for (const { at, apply } of changes) {
    const certificate = plan[at];
    if (certificate !== undefined) apply(certificate);
  }
  return buildChain(plan);
}

function singleChanges(): ChainCase[] {
  return POSITIONS.flatMap((position, at) =>
    CERTIFICATE_CHANGES.map(({ name, apply }) => ({
      name: `${position}: ${name}`,
      certificates: changed(goodPlan(), [{ at, apply }]),
    })),
  );
}

function selfSignedLeaves(): ChainCase[] {
  return CERTIFICATE_CHANGES.map(({ name, apply }) => ({
    name: `self-signed leaf: ${name}`,
    certificates: changed(goodPlan({ depth: 1 }), [{ at: 0, apply }]),
  }));
}

function reshaped(): ChainCase[] {
  const [leaf, intermediate, root] = buildChain(goodPlan()) as [Uint8Array, Uint8Array, Uint8Array];
  const [single] = buildChain(goodPlan({ depth: 1 })) as [Uint8Array];
  const otherKeys = goodPlan();
  for (const [i, plan] of otherKeys.entries()) plan.key = sharedKey('P-256', `other ${i}`);
  const [, otherIntermediate, otherRoot] = buildChain(otherKeys) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const shapes: Readonly<Record<string, readonly Uint8Array[]>> = {
    'no certificate': [],
    'leaf alone': [leaf],
    'intermediate alone': [intermediate],
    'root alone': [root],
    'no leaf': [intermediate, root],
    'no intermediate': [leaf, root],
    'no root': [leaf, intermediate],
    'root first': [root, intermediate, leaf],
    'authorities swapped': [leaf, root, intermediate],
    'leaf twice': [leaf, leaf, intermediate, root],
    'intermediate twice': [leaf, intermediate, intermediate, root],
    'root twice': [leaf, intermediate, root, root],
    'a stranger after the root': [leaf, intermediate, root, otherRoot],
    'a self-signed leaf after the root': [leaf, intermediate, root, single],
    'a self-signed leaf before the leaf': [single, leaf, intermediate, root],
    'intermediate of the same name': [leaf, otherIntermediate, otherRoot],
    'root of the same name': [leaf, intermediate, otherRoot],
    'trailing byte in the leaf': [Uint8Array.of(...leaf, 0), intermediate, root],
    'trailing byte in the root': [leaf, intermediate, Uint8Array.of(...root, 0)],
    'truncated leaf': [leaf.subarray(0, -1), intermediate, root],
    'empty leaf': [new Uint8Array(), intermediate, root],
  };
  return Object.entries(shapes).map(([name, certificates]) => ({ name, certificates }));
}

/** Pairs of changes at places that a fixed sequence picks. */
function pairs(): ChainCase[] {
  const next = sequence(20260301);
  const pick = (): { name: string; at: number; apply: (plan: CertificatePlan) => void } => {
    const at = next(POSITIONS.length);
    const change = CERTIFICATE_CHANGES[next(CERTIFICATE_CHANGES.length)];
    if (change === undefined) throw new RangeError('no such change');
    return { name: `${POSITIONS[at]}: ${change.name}`, at, apply: change.apply };
  };
  return Array.from({ length: 200 }, () => {
    const changes = [pick(), pick()];
    return {
      name: changes.map(({ name }) => name).join(' + '),
      certificates: changed(goodPlan(), changes),
    };
  });
}
