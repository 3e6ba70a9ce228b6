// The X-Ray header where AWS carries it: from the request to the message's AWSTraceHeader.

export interface StringAttribute {
  DataType: 'String';
  StringValue: string;
}

export interface SystemAttributes {
  AWSTraceHeader?: StringAttribute;
}

/** What does not look like X-Ray's header is dropped, and the message still flows. */
export function readTraceHeader(value: unknown): string | undefined {
  return typeof value === 'string' && /(^|;)\s*Root=1-[0-9a-f]{8}-[0-9a-f]{24}(;|$)/i.test(value) ? value : undefined;
}

export function systemAttributes(header: string | undefined): { MessageSystemAttributes?: SystemAttributes } {
  if (header === undefined) return {};
  return { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: header } } };
}
