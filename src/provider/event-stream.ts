// Owns how an answer is known for an event stream, which is long by design: what `content-type` says when the head is out.
import type { ServerResponse } from 'node:http';

/** Headers that were given to `writeHead` alone are not kept as headers, only in the text that was sent. */
export function isEventStream(response: ServerResponse): boolean {
  const sent = (response as { _header?: unknown })._header;
  return typeof sent === 'string' && /^content-type: *text\/event-stream *(;|$)/im.test(sent);
}

/** @param contentType value of a header that was received */
export function saysEventStream(contentType: unknown): boolean {
  return typeof contentType === 'string' && /^\s*text\/event-stream\s*(;|$)/i.test(contentType);
}
