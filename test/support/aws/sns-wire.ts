// SNS on the wire: the query protocol's numbered fields in, XML out.
import { randomUUID } from 'node:crypto';
import type { Answer } from './engine.ts';

export interface MessageAttribute {
  DataType: string;
  StringValue?: string;
  /** Base64. */
  BinaryValue?: string;
}

export class SnsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export function readAttributes(form: URLSearchParams, prefix: string): Record<string, MessageAttribute> {
  const attributes: Record<string, MessageAttribute> = {};
  for (let n = 1; form.has(`${prefix}MessageAttributes.entry.${n}.Name`); n++) {
    const at = `${prefix}MessageAttributes.entry.${n}.`;
    const name = form.get(`${at}Name`) ?? '';
    const text = form.get(`${at}Value.StringValue`);
    const binary = form.get(`${at}Value.BinaryValue`);
    const DataType = form.get(`${at}Value.DataType`) ?? '';
    if (!text && !binary) {
      const value = `non-empty message attribute value for message attribute type '${DataType}'`;
      throw new SnsError('ParameterValueInvalid', `The message attribute '${name}' must contain ${value}.`);
    }
    attributes[name] = { DataType, ...(text ? { StringValue: text } : { BinaryValue: binary ?? '' }) };
  }
  return attributes;
}

export function readMap(form: URLSearchParams, name: string): Record<string, string> {
  const map: Record<string, string> = {};
  for (let n = 1; form.has(`${name}.entry.${n}.key`); n++) {
    map[form.get(`${name}.entry.${n}.key`) ?? ''] = form.get(`${name}.entry.${n}.value`) ?? '';
  }
  return map;
}

/** The prefixes of a list's members. */
export function readMembers(form: URLSearchParams, name: string): string[] {
  const prefixes: string[] = [];
  for (let n = 1; form.has(`${name}.member.${n}.Id`); n++) prefixes.push(`${name}.member.${n}.`);
  return prefixes;
}

export function tag(name: string, value: string): string {
  return `<${name}>${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</${name}>`;
}

export function success(action: string, result: string): Answer {
  const request = `<ResponseMetadata>${tag('RequestId', randomUUID())}</ResponseMetadata>`;
  const space = 'http://sns.amazonaws.com/doc/2010-03-31/';
  const body = `<${action}Response xmlns="${space}"><${action}Result>${result}</${action}Result>${request}</${action}Response>`;
  return { status: 200, headers: { 'content-type': 'text/xml' }, body };
}

export function failure({ code, message, status }: SnsError): Answer {
  const error = `<Error>${tag('Type', 'Sender')}${tag('Code', code)}${tag('Message', message)}</Error>`;
  const body = `<ErrorResponse>${error}${tag('RequestId', randomUUID())}</ErrorResponse>`;
  return { status, headers: { 'content-type': 'text/xml' }, body };
}
