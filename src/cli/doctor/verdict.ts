// Whether the endpoint said yes.
import type { Facts } from './facts.ts';
import type { Answer, ProbeResult } from './probe.ts';

export function answerOf({ network }: Facts): Answer | undefined {
  return network?.probe.kind === 'answer' ? network.probe : undefined;
}

export function accepts(result: ProbeResult): boolean {
  if (result.kind === 'none') return false;
  if (result.grpc) return result.grpc.status === 0;
  return result.status >= 200 && result.status < 300;
}

/** Then nothing else is wrong with the endpoint. */
export function isCompressionOnly({ network }: Facts): boolean {
  return network?.plain !== undefined && accepts(network.plain) && !accepts(network.probe);
}
