// Makes one OTLP request of several.
import { giveBack } from './give-back.ts';
import { isGzip, unsqueeze } from './packing.ts';

const OPENING = Buffer.from('{"resourceSpans":[');
const CLOSING = Buffer.from(']}');
const COMMA = Buffer.from(',');

/** @param bodies packed or not @throws for what is damaged */
export function joinPacked(bodies: Uint8Array[], encoding: 'json' | 'protobuf'): Uint8Array {
  const plain = bodies.map((body) => (isGzip(body) ? unsqueeze(body) : body));
  const joint = joinBodies(plain, encoding);
  // After an outage a megabyte of them for each request.
  for (const [n, one] of plain.entries()) if (one !== bodies[n] && one !== joint) giveBack(one);
  return joint;
}

/** @param bodies not compressed @throws SyntaxError for what is no JSON */
export function joinBodies(bodies: Uint8Array[], encoding: 'json' | 'protobuf'): Uint8Array {
  if (bodies.length === 1) return bodies[0]!;
  // A request has one repeated field, and protobuf joins repeated fields of messages that follow each other.
  return encoding === 'protobuf' ? Buffer.concat(bodies) : joinJson(bodies);
}

function joinJson(bodies: Uint8Array[]): Buffer {
  const pieces: Uint8Array[] = [OPENING];
  for (const body of bodies) {
    const list = listOf(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
    if (list.length > 0) pieces.push(list, COMMA);
  }
  if (pieces.length > 1) pieces.pop();
  return Buffer.concat([...pieces, CLOSING]);
}

/** What stands between the brackets: as it is when the request is in the form that the official serializer writes. */
function listOf(body: Buffer): Buffer {
  const usual = body.subarray(0, OPENING.length).equals(OPENING) && body.subarray(-CLOSING.length).equals(CLOSING);
  if (usual) return body.subarray(OPENING.length, -CLOSING.length);
  const { resourceSpans = [] } = JSON.parse(body.toString('utf8')) as { resourceSpans?: unknown[] };
  return Buffer.from(JSON.stringify(resourceSpans).slice(1, -1));
}
