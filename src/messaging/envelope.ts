// Owns what other services of AWS wrap around a body on its way into a queue. A business payload may look similar, so every
// field that the service always writes has to be there before anything in it is believed.

export interface Envelope {
  via: 'sns' | 'eventbridge' | 's3';
  /** What the sender sent: the text of a notification, the detail of an event, the whole of an S3 event. */
  payload: unknown;
  /** Message attributes, which notifications alone have. */
  attributes?: object;
  /** The event inside the notification came from a service that hands on no attributes. */
  attributesLost: boolean;
}

type Fields = Record<string, unknown>;

/** Looks for a name of each before it parses, since most bodies are none of these. Never throws. */
export function openEnvelope(body: string): Envelope | undefined {
  const notification = body.includes('"TopicArn"');
  if (!notification && !body.includes('"detail-type"') && !body.includes('"aws:s3"')) return undefined;
  const fields = parse(body);
  if (fields === undefined) return undefined;
  if (notification && isNotification(fields)) return envelopeOf(fields);
  if (isEvent(fields)) return { via: 'eventbridge', payload: fields.detail, attributesLost: true };
  if (isS3Event(fields)) return { via: 's3', payload: fields, attributesLost: true };
  return undefined;
}

/** The envelope that a notification is, whether it was text or not. */
export function envelopeOf({ Message, MessageAttributes }: Notification): Envelope {
  const inside = openEnvelope(Message);
  return {
    via: 'sns',
    payload: Message,
    ...(isObject(MessageAttributes) && { attributes: MessageAttributes }),
    attributesLost: inside !== undefined && inside.via !== 'sns',
  };
}

export type Notification = Fields & { Message: string };

export function isNotification(value: unknown): value is Notification {
  if (!isObject(value)) return false;
  const { Type, TopicArn, MessageId, Message } = value as Fields;
  return Type === 'Notification' && isText(TopicArn) && isText(MessageId) && typeof Message === 'string';
}

export function isEvent(fields: object): fields is Fields {
  const { source, id, 'detail-type': type } = fields as Fields;
  return isText(type) && isText(source) && isText(id) && 'detail' in fields;
}

function isS3Event({ Records }: Fields): boolean {
  const first: unknown = Array.isArray(Records) ? Records[0] : undefined;
  return isObject(first) && (first as Fields).eventSource === 'aws:s3';
}

function parse(text: string): Fields | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? (parsed as Fields) : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
