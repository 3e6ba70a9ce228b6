import { afterAll, beforeAll, test } from 'vitest';
import { RegisterBed, registerCases } from './register-cases.ts';

const bed = new RegisterBed();
beforeAll(() => bed.start());
afterAll(() => bed.stop());

test.each(registerCases.filter((one) => one.quick))('$name: every call of a request is a span of its trace', (one) =>
  bed.run(one),
);
