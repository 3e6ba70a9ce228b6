// @ts-check
// The conductor: what is shown follows from the address, and everything that is done changes the address.
import { flushAddress, hashOf, placeOf, writeNow, writeSoon } from './address.js';
import * as api from './api.js';
import { createBar } from './bar.js';
import { createCompare } from './compare.js';
import { copy } from './copy.js';
import { createDetail } from './detail.js';
import { el } from './dom.js';
import { createFiles } from './files.js';
import { toggleHelp } from './help.js';
import { listenToKeys } from './keys.js';
import { createList } from './list.js';
import { Live } from './live.js';
import { createOverview } from './overview.js';
import { createSplitters } from './splitters.js';
import { say, toast } from './toast.js';
import { createTraceView } from './trace-view.js';
import { setRatio } from './verdict.js';
import { createWelcome } from './welcome.js';

/** @typedef {import('./address.js').Place} Place */

const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const panes = byId('panes');
const stage = byId('stage');
const live = new Live();
/** @type {Place} */
let place = placeOf(location.hash);
/** Nothing had come when the page was opened: the first trace then opens by itself. */
let wasEmpty = false;
/** @type {import('./api.js').About | undefined} */
let about;

const list = createList(byId('list'), live, {
  say: toast,
  onOpen(traceId, how) {
    if (place.view === 'compare' && traceId !== place.traceId) go({ ...place, other: traceId }, true);
    else go({ view: 'trace', traceId }, how === 'key' && place.view === 'trace');
  },
});
const detail = createDetail(byId('detail'), {
  onFilter(token) {
    list.bar.add(token);
    say(`The list is filtered by ${token}`);
  },
  onColumn(key) {
    list.bar.setColumn(key);
    toast(`${key} is shown in each row`);
  },
  onLink: (traceId, spanId) => go({ view: 'trace', traceId, spanId }),
  onError: (step) => view.nextError(step),
});
const view = createTraceView({
  onSpan(node) {
    detail.show(node, view.trace()?.summary.durationMs ?? 0, view.errors());
    if (place.view === 'trace' && place.spanId !== node.span.spanId)
      go({ ...place, spanId: node.span.spanId }, true, false);
  },
  onEnter: () => detail.box.focus(),
  onClose: () => go({ view: 'home' }),
  onCompare: () => compare.begin(),
  onCopy: () => void copyLink(),
});
const overview = createOverview(live, {
  onOpen: (traceId) => go({ view: 'trace', traceId }),
  onService: (name) => list.bar.add(`service:${name}`),
  about: () => about,
});
const compare = createCompare({
  rows: () => list.rows(),
  onDifference: (...content) => detail.replace(...content),
  onClose: (traceId) => go({ view: 'trace', traceId }),
  trace: () => view.trace()?.summary,
  go: (traceId, other) => go({ view: 'compare', traceId, other }),
});
const bar = createBar(byId('bar'), live, {
  onHome: () => go({ view: 'home' }),
  onMap: () => go(place.view === 'map' ? { view: 'home' } : { view: 'map' }),
  onClear: () => void api.clear().then(() => go({ view: 'home' })),
  onHelp: () => toggleHelp(),
  onImport: () => files.pick(),
});
const files = createFiles({ onOpen: (traceId) => go({ view: 'trace', traceId }) });
createSplitters(panes);

/** @param {Place} next @param {boolean} [replace] leaves no step behind in the history @param {boolean} [draw] */
function go(next, replace = false, draw = true) {
  place = next;
  if (replace) writeSoon(hashOf(next));
  else writeNow(hashOf(next));
  if (draw) void show();
}

/** @type {number} */
let turn = 0;

async function show() {
  const mine = ++turn;
  if (place.view === 'trace') {
    list.select({ traceId: place.traceId, other: undefined });
    const known = view.trace();
    if (known?.summary.traceId === place.traceId && stage.contains(view.element)) {
      if (place.spanId) view.select(place.spanId, true);
      return;
    }
    await open(place.traceId, place.spanId, mine);
  } else if (place.view === 'compare') {
    const { traceId, other } = place;
    list.select({ traceId, other });
    const [a, b] = await Promise.all([api.trace(traceId), api.trace(other)]);
    if (mine !== turn) return;
    if (!a || !b) return missing();
    put('compare', compare.element);
    detail.clear();
    compare.show(a, b);
  } else {
    list.select({ traceId: undefined, other: undefined });
    document.title = 'keeptrace dev';
    calm();
    overview.show(place.view === 'map');
  }
}

/** @param {string} traceId @param {string | undefined} spanId @param {number} mine */
async function open(traceId, spanId, mine) {
  const trace = await api.trace(traceId).catch((/** @type {unknown} */ error) => void toast(String(error)));
  if (mine !== turn) return;
  if (!trace) return missing();
  put('trace', view.element);
  view.show(trace, spanId);
  list.bar.setKeys(new Set(trace.spans.slice(0, 200).flatMap(({ attributes }) => Object.keys(attributes))));
  document.title = `${trace.summary.name} · keeptrace dev`;
  say(`${trace.summary.name}. ${trace.summary.verdict.text}`);
}

function missing() {
  detail.clear();
  put(
    'map',
    el(
      'div.nothing',
      {},
      el('h1', {}, 'This trace is not held'),
      el('p', {}, `The viewer holds the last ${about?.limit ?? 500} traces; this one has gone, or has not come yet.`),
      el('button', { type: 'button', onclick: () => go({ view: 'home' }) }, 'Back to the list'),
    ),
  );
}

/** @param {string} name @param {HTMLElement} content */
function put(name, content) {
  panes.dataset.view = name;
  if (stage.firstElementChild !== content) stage.replaceChildren(content);
}

/** Home, or the welcome as long as nothing came. */
function calm() {
  if (place.view === 'trace' || place.view === 'compare' || !live.ready || !about) return;
  const empty = live.rows.length === 0 && live.waiting.size === 0;
  wasEmpty ||= empty;
  if (!empty) put(place.view, overview.element);
  else if (panes.dataset.view !== 'start' || !stage.querySelector('.welcome')) put('start', createWelcome(about));
}

live.listen((touched) => {
  bar.update();
  calm();
  const latest = live.rows[0];
  if (wasEmpty && latest && place.view === 'home') {
    wasEmpty = false;
    go({ view: 'trace', traceId: latest.traceId }, true);
  }
  if (live.rows.length === 0) wasEmpty ||= live.ready;
  overview.update();
  const open = view.trace()?.summary.traceId;
  if (open && touched.has(open) && place.view === 'trace' && !live.paused) void refresh(open);
});

/** Late spans of the trace that is open come in where they belong. @param {string} traceId */
async function refresh(traceId) {
  const mine = turn;
  const trace = await api.trace(traceId);
  if (trace && mine === turn && place.view === 'trace' && place.traceId === traceId) view.show(trace);
}

async function copyLink() {
  flushAddress();
  await copy(location.href, 'The link to this trace is copied');
}

listenToKeys({
  place: () => place,
  list,
  view,
  detail,
  go,
  catchUp: () => list.catchUp(),
  pause: () => live.pause(!live.paused),
  compare: () => compare.begin(),
  copyLink: () => void copyLink(),
  errors: (step) => {
    const found = view.nextError(step);
    if (!found) toast('There is no error in this trace');
  },
});

addEventListener('popstate', () => {
  flushAddress(false);
  place = placeOf(location.hash);
  void show();
});

live.start();
about = await api.about();
setRatio(about.ratio);
void show();
