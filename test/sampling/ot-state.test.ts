import { TraceState } from '@opentelemetry/core';
import { expect, test } from 'vitest';
import { otValue, soundThreshold, withoutThreshold, withThreshold } from '../../src/sampling/ot-state.ts';
import { idWith } from './keeper-rig.ts';

const state = (text: string) => new TraceState(text);

// State, threshold to set, result.
test.each([
  ['', undefined, ''],
  ['', '0', 'ot=th:0'],
  ['ot=th:e666', undefined, ''],
  ['ot=th:e666', '8', 'ot=th:8'],
  ['ot=th:e666;rv:00000000000001', undefined, 'ot=rv:00000000000001'],
  ['ot=rv:00000000000001;th:e666', 'c', 'ot=th:c;rv:00000000000001'],
  ['ot=rv:00000000000001;th:e666;x:1', undefined, 'ot=rv:00000000000001;x:1'],
  ['vendor=a,ot=th:e666,other=b', undefined, 'vendor=a,other=b'],
  ['vendor=a,ot=th:e666,other=b', '8', 'ot=th:8,vendor=a,other=b'],
  ['vendor=th:1', undefined, 'vendor=th:1'],
  ['ot=;', undefined, ''],
])('%j with the threshold %s becomes %j', (before, th, after) => {
  expect(withThreshold(state(before), th).serialize()).toBe(after);
});

test('where there is no state, one comes back all the same, so that the tracer does not take the parent`s', () => {
  expect(withThreshold(undefined, undefined).serialize()).toBe('');
  expect(withThreshold(undefined, '0').serialize()).toBe('ot=th:0');
});

test('a full state rather loses its threshold than keeps the old one', () => {
  const full = state(`ot=th:8,${'k'.repeat(200)}=${'v'.repeat(200)},x=${'y'.repeat(100)}`);
  expect(full.serialize()).toHaveLength(512);
  expect(otValue(withThreshold(full, 'e6666666'), 'th')).toBeUndefined();
  const entries = Array.from({ length: 32 }, (_, i) => `k${i}=v`).join(',');
  expect(withThreshold(state(entries), '0').serialize()).toBe(entries);
});

test('a state without a threshold is not copied', () => {
  const plain = state('vendor=a,ot=rv:00000000000001');
  expect(withoutThreshold(plain)).toBe(plain);
  expect(withoutThreshold(undefined)).toBeUndefined();
  expect(withoutThreshold(state('ot=th:8'))?.get('ot')).toBeUndefined();
});

// Randomness of the trace, state, the threshold that may be claimed.
test.each([
  [0.95, 'ot=th:e666', 'e666'],
  [0.5, 'ot=th:e666', undefined],
  [0.5, 'ot=th:e666;rv:ffffffffffffff', 'e666'],
  [0.95, 'ot=th:e666;rv:00000000000000', undefined],
  [0.95, 'ot=th:nonsense', undefined],
  [0.95, 'vendor=a', undefined],
])('of a trace at %f under %j it is %s', (share, text, expected) => {
  expect(soundThreshold(idWith(share), state(text))).toBe(expected);
});
