// What a rule hands to its target: the event, a constant, a part of the event, or a template filled from it. Pure.

export interface TargetInput {
  Input?: string;
  InputPath?: string;
  InputTransformer?: { InputPathsMap?: Record<string, string>; InputTemplate: string };
}

export function targetInput(target: TargetInput, event: object, rule: { name: string; arn: string }): string {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return JSON.stringify(valueAt(event, target.InputPath) ?? null);
  if (target.InputTransformer) {
    const { InputPathsMap = {}, InputTemplate } = target.InputTransformer;
    const paths = Object.entries(InputPathsMap).map(([name, path]) => [name, valueAt(event, path)]);
    return fill(InputTemplate, {
      'aws.events.rule-arn': rule.arn,
      'aws.events.rule-name': rule.name,
      'aws.events.event': event,
      'aws.events.event.json': event,
      ...Object.fromEntries(paths),
    });
  }
  return JSON.stringify(event);
}

/** `$.detail.items[0].id`; the rest of JSONPath is not known to EventBridge either. */
function valueAt(event: object, path: string): unknown {
  const steps = path.match(/[^.[\]$]+/g) ?? [];
  return steps.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], event);
}

/** Within quotes a value is text; outside of them it is JSON. */
function fill(template: string, values: Record<string, unknown>): string {
  let quoted = false;
  return template.replaceAll(/\\.|"|<([^<>]+)>/g, (part, name: string | undefined) => {
    if (part === '"') quoted = !quoted;
    if (name === undefined) return part;
    const value = values[name];
    if (!quoted) return JSON.stringify(value ?? '');
    const text = typeof value === 'string' ? value : JSON.stringify(value ?? '');
    return JSON.stringify(text).slice(1, -1);
  });
}
