// Settings that say what messages carry, and which spans they have.
import { checkBaggage } from './entries.ts';
import { booleanRow, listRow } from './row-kinds.ts';

export const messagingRows = {
  messageSpans: booleanRow({
    option: 'messageSpans',
    env: ['KEEPTRACE_MESSAGE_SPANS'],
    fallback: true,
    about:
      'Gives each message of a batch a span of its own, `create jobs`. With `false` they all carry the span of the request.',
    example: 'true',
  }),
  messageBaggage: listRow({
    option: 'messageBaggage',
    env: ['KEEPTRACE_MESSAGE_BAGGAGE'],
    fallback: [],
    defaultText: 'none',
    expected: 'a comma-separated list of baggage names, each with a colon and a destination where it may go there only',
    check: checkBaggage,
    about:
      'Baggage that may go along with messages, up to 1,024 bytes: `tenant` to any destination, `tenant:orders` to the queue or topic `orders`, `tenant:orders*` to those whose names begin so.',
    example: 'tenant,user:orders*',
  }),
};
