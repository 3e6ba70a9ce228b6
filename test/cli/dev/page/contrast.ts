// Measures every text on the page against the ground it stands on, as WCAG 2 has it.
import type { Page } from 'playwright-core';

/** Runs in the page. Colours are read back from a canvas, so that it does not matter how they were written. */
const MEASURE = `(() => {
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const groundOf = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      layers.push(rgba(style.backgroundColor));
      if (layers.at(-1)[3] === 1) break;
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const low = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    if (text.data.trim() === '' || !node.checkVisibility({ visibilityProperty: true }) || node.closest('option, #status, .unseen, noscript')) continue;
    const within = node.closest('.took.within');
    const style = getComputedStyle(node);
    const svg = node instanceof SVGElement;
    let ground = groundOf(within ? within.parentElement.querySelector('.bar') : svg ? node.closest('div') : node);
    let faded = 1;
    for (let at = within ? within.parentElement.querySelector('.bar') : node; at; at = at.parentElement) faded *= Number(getComputedStyle(at).opacity);
    if (within && faded < 1) ground = over([...ground.slice(0, 3), faded], groundOf(node));
    let colour = rgba(svg ? style.fill : style.color);
    if (!within) colour = [...colour.slice(0, 3), colour[3] * faded];
    const [a, b] = [light(over(colour, ground)), light(ground)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) low.push(ratio.toFixed(2) + ' ' + (node.getAttribute('class') ?? node.tagName) + ' in ' + node.parentElement.className + ': ' + text.data.trim().slice(0, 40));
  }
  return low;
})()`;

export const lowContrast = (page: Page): Promise<string[]> => page.evaluate<string[]>(MEASURE);
