// Owns which baggage may go to which destination.
import type { AwsCall } from './aws-call.ts';
import { messageCall } from './aws-names.ts';
import type { BaggageChoice } from './headers.ts';

/** The names that may go where `call` goes: `tenant` anywhere, `tenant:orders` there, `tenant:orders*` to what begins so. */
export function baggageFor(choice: BaggageChoice, { service, command, input }: AwsCall): BaggageChoice {
  if (typeof choice === 'boolean' || !choice.some((entry) => entry.includes(':'))) return choice;
  const to = messageCall(service, command, input)?.destination['messaging.destination.name'];
  return choice.flatMap((entry) => {
    const [name = '', where] = entry.split(':', 2);
    return where === undefined || (typeof to === 'string' && isAt(where, to)) ? [name] : [];
  });
}

function isAt(where: string, destination: string): boolean {
  return where.endsWith('*') ? destination.startsWith(where.slice(0, -1)) : destination === where;
}
