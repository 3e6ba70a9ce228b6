// What an app can put into a span that serializers choke on. Each may cost its own span and no other.
const cyclic = {};
cyclic.self = cyclic;

export const poisons = {
  'end(NaN)': (span) => span.end(Number.NaN),
  'end(invalid date)': (span) => span.end(new Date('x')),
  'a bigint as its name': (span) => span.updateName(5n),
  'a symbol as its name': (span) => span.updateName(Symbol('name')),
  'an event attribute that is a bigint': (span) => span.addEvent('e', { a: 1n }),
  'an event at NaN': (span) => span.addEvent('e', Number.NaN),
  'a link with wrong ids': (span) => span.addLink({ context: { traceId: 5, spanId: null } }),
  'a link without a context': (span) => span.addLink({}),
  'a status that is text': (span) => span.setStatus({ code: 'ERROR', message: 5n }),
  'a cyclic attribute': (span) => span.setAttribute('a', cyclic),
  'an attribute that throws': (span) =>
    span.setAttribute('a', {
      get a() {
        throw new Error('getter');
      },
    }),
};
