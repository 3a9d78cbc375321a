/** What the branches of the tree are called. */
export interface TreeLabels {
  readonly algorithm: string;
  readonly envelope: string;
  /** Whether the envelope comes before the algorithm. */
  readonly envelopeFirst: boolean;
  /** Absent where the type of the payload is not shown. */
  readonly contentType?: string;
  readonly scheme: string;
  readonly time: string;
  readonly agent: string;
}

/** In notation 2. */
export const LABELS: TreeLabels = {
  algorithm: 'signature algorithm',
  envelope: 'signature envelope type',
  envelopeFirst: false,
  contentType: 'content type',
  scheme: 'signing scheme',
  time: 'signing time',
  agent: 'signing agent',
};

/** In notation 1, whose `inspect --output text` scripts still read. */
export const V1_LABELS: TreeLabels = {
  algorithm: 'signature algorithm',
  envelope: 'media type',
  envelopeFirst: true,
  scheme: 'signingScheme',
  time: 'signingTime',
  agent: 'signingAgent',
};
