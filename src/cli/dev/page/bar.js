// @ts-check
// The bar on top: what is going on, and what can be done with all of it.
import { el, icon, iconButton } from './dom.js';
import { count } from './format.js';
import { nextTheme, theme } from './theme.js';

/**
 * @param {HTMLElement} element
 * @param {import('./live.js').Live} live
 * @param {{ onHome(): void, onMap(): void, onClear(): void, onHelp(): void, onImport(): void }} options
 */
export function createBar(element, live, { onHome, onMap, onClear, onHelp, onImport }) {
  const signal = el('span.signal');
  const pause = el('button.plain', { type: 'button', onclick: () => live.pause(!live.paused) });
  const scheme = iconButton(theme(), '', () => drawScheme(nextTheme()));
  const clear = iconButton('trash', 'Forget all traces', () => sure());
  const brand = el(
    'a.brand',
    {
      href: '#',
      title: 'All traces',
      onclick: (/** @type {Event} */ event) => {
        event.preventDefault();
        onHome();
      },
    },
    el('img', { src: '/page/icon.svg', alt: '' }),
    el('span', {}, 'keeptrace ', el('b', {}, 'dev')),
  );
  element.append(
    brand,
    signal,
    pause,
    el('span.grow'),
    el('button.plain', { type: 'button', title: 'Who calls whom (m)', onclick: onMap }, icon('map'), 'Map'),
    el('span.divider'),
    iconButton('upload', 'Import traces from a file (OTLP/JSON)', onImport),
    el(
      'a.plain',
      {
        href: '/api/otlp',
        download: 'traces.json',
        role: 'button',
        title: 'Save all traces as OTLP/JSON',
        'aria-label': 'Save all traces as OTLP/JSON',
      },
      icon('download'),
    ),
    clear,
    el('span.divider'),
    scheme,
    iconButton('help', 'Keys and help (?)', onHelp),
  );

  /** @param {import('./theme.js').Theme} name */
  function drawScheme(name) {
    const words = { auto: 'Colours as the system has them', light: 'Light colours', dark: 'Dark colours' }[name];
    scheme.replaceChildren(icon(name));
    scheme.title = `${words} (t)`;
    scheme.setAttribute('aria-label', words);
  }

  let armed = 0;
  function sure() {
    if (armed !== 0) {
      disarm();
      onClear();
      return;
    }
    clear.replaceChildren(icon('trash'), 'Forget all?');
    clear.classList.add('armed');
    armed = setTimeout(disarm, 3000);
  }
  function disarm() {
    clearTimeout(armed);
    armed = 0;
    clear.replaceChildren(icon('trash'));
    clear.classList.remove('armed');
  }

  function update() {
    const state = !live.connected ? 'off' : live.paused ? 'paused' : '';
    signal.className = `signal ${state}`;
    signal.replaceChildren(
      !live.ready
        ? 'connecting'
        : !live.connected
          ? 'connection lost, trying again'
          : live.paused
            ? `paused, ${count(live.waiting.size)} new`
            : `live, ${count(live.held)} held`,
    );
    const words = live.paused ? 'Go on (p)' : 'Pause (p)';
    pause.title = words;
    pause.setAttribute('aria-label', words);
    pause.setAttribute('aria-pressed', String(live.paused));
    if (pause.dataset.paused !== String(live.paused)) pause.replaceChildren(icon(live.paused ? 'play' : 'pause'));
    pause.dataset.paused = String(live.paused);
  }
  drawScheme(theme());
  update();
  return { update, scheme };
}
