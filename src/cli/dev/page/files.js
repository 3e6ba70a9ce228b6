// @ts-check
// Traces from files: picked or dropped. OTLP/JSON as one object, an array of them, or one a line.
import * as api from './api.js';
import { el } from './dom.js';
import { counted } from './format.js';
import { toast } from './toast.js';

/** @param {{ onOpen(traceId: string): void }} options */
export function createFiles({ onOpen }) {
  const input = /** @type {HTMLInputElement} */ (
    el('input', {
      type: 'file',
      id: 'import',
      accept: '.json,.jsonl,.ndjson,application/json',
      multiple: true,
      hidden: true,
      'aria-label': 'Import traces',
      onchange: () => void take([...(input.files ?? [])]),
    })
  );
  document.body.append(input);
  const veil = el('div.veil', {}, el('div.drop', {}, 'Drop a file of traces (OTLP/JSON)'));
  addEventListener('dragover', (event) => {
    if (![...(event.dataTransfer?.types ?? [])].includes('Files')) return;
    event.preventDefault();
    if (!veil.isConnected) document.body.append(veil);
  });
  addEventListener('dragleave', (event) => event.relatedTarget === null && veil.remove());
  addEventListener('drop', (event) => {
    event.preventDefault();
    veil.remove();
    void take([...(event.dataTransfer?.files ?? [])]);
  });

  /** @param {File[]} files */
  async function take(files) {
    input.value = '';
    /** @type {Set<string>} */
    const ids = new Set();
    for (const file of files) {
      try {
        const requests = requestsOf(await file.text());
        for (const request of requests) {
          await api.send(JSON.stringify(request));
          for (const traceId of idsIn(request)) ids.add(traceId);
        }
      } catch (error) {
        toast(`${file.name}: ${error instanceof Error ? error.message : error}`);
        return;
      }
    }
    if (ids.size === 0) return;
    toast(`${counted(ids.size, 'trace')} imported`);
    if (ids.size === 1) onOpen(/** @type {string} */ ([...ids][0]));
  }

  return { pick: () => input.click() };
}

/** @param {string} text @returns {{ resourceSpans: unknown[] }[]} */
function requestsOf(text) {
  const requests = parse(text).flat();
  if (requests.length === 0 || !requests.every((request) => Array.isArray(request?.resourceSpans))) {
    throw new Error('this is not OTLP/JSON; it has no resourceSpans');
  }
  return requests;
}

/** @param {string} text @returns {any[]} */
function parse(text) {
  try {
    return [JSON.parse(text)];
  } catch {
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line));
  }
}

/** @param {any} request @returns {string[]} */
const idsIn = ({ resourceSpans }) =>
  resourceSpans.flatMap((/** @type {any} */ entry) =>
    (entry.scopeSpans ?? []).flatMap((/** @type {any} */ scope) =>
      (scope.spans ?? []).map((/** @type {any} */ span) => String(span.traceId).toLowerCase()),
    ),
  );
