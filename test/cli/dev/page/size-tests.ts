// Ten thousand spans in one trace, ten thousand traces in one go. The short form runs with all tests, with room for a busy
// machine; `npm run viewer` holds the page to the figures of docs/viewer.md.
import { expect, test } from 'vitest';
import type { SpanSpec } from '../../../../scripts/shop-traces.ts';
import { type PageRig, shopTrace } from './rig.ts';

export function sizeTests(rig: PageRig, full: boolean): void {
  test('a trace of 10,000 spans opens in less than a second, and search and scrolling reach all of it', async () => {
    const services = ['shop', 'cards', 'stock', 'mail', 'search'];
    const child = (at: number): SpanSpec => ({
      service: services[at % 5]!,
      name: `step ${at}`,
      at: (at % 100) * 0.9,
      ms: 1 + (at % 7),
      attributes: { 'item.number': at, 'db.query.text': `SELECT ${at}` },
    });
    const branches = Array.from({ length: 99 }, (_, branch) => ({
      ...child(branch * 101),
      ms: 100,
      children: Array.from({ length: 100 }, (_, at) => child(branch * 101 + at + 1)),
    }));
    const { page } = await rig.open({ viewer: {}, traces: [shopTrace(1, { ms: 300, children: branches })] });
    await page.locator('.trace').waitFor();
    const opened = await page.evaluate<number>(`new Promise((done) => {
      const begun = performance.now();
      const look = () => document.querySelector('.span[aria-selected="true"]') && document.querySelector('#detail h2')
        ? requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)))
        : requestAnimationFrame(look);
      document.querySelector('.trace').click();
      look();
    })`);
    expect(await page.locator('.head .facts').textContent()).toContain('10,000 spans');
    expect(await page.locator('.span').count()).toBeLessThan(80);

    const searched = await page.evaluate<number>(`new Promise((done) => {
      const input = document.getElementById('find');
      const begun = performance.now();
      input.value = 'select 9876';
      input.dispatchEvent(new Event('input'));
      requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)));
    })`);
    await page.locator('#detail h2', { hasText: 'step 9876' }).waitFor();
    expect(await page.locator('.span[aria-selected="true"] .what').textContent()).toBe('step 9876');
    await page.locator('.waterfall').evaluate((node) => {
      node.scrollTop = 130_000;
    });
    await page.locator('.span[aria-posinset]').nth(20).waitFor();
    if (full) console.log(`10,000 spans: opened in ${opened.toFixed(0)} ms, searched in ${searched.toFixed(0)} ms`);
    expect(opened).toBeLessThan(full ? 1000 : 8000);
    expect(searched).toBeLessThan(full ? 500 : 4000);
  });

  test('the page answers while thousands of traces come in', async () => {
    const number = full ? 10_000 : 1500;
    const { page, send } = await rig.open({ viewer: { limits: { traces: number } }, traces: [shopTrace(1)] });
    await page.locator('.trace').waitFor();
    await page.evaluate<void>(`{
      window.taken = [];
      window.watching = true;
      const answer = () => new Promise((done) => requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = done; c.port2.postMessage(0); }));
      void (async () => {
        for (let n = 0; window.watching; n++) {
          const begun = performance.now();
          dispatchEvent(new KeyboardEvent('keydown', { key: n % 4 === 3 ? 'Escape' : 'j' }));
          await answer();
          window.taken.push(performance.now() - begun);
          await new Promise((done) => setTimeout(done, 20));
        }
      })();
    }`);
    const begun = performance.now();
    // Two thousand a second in the full form, as fast as they are taken in the short one.
    for (let at = 2; at < number; at += 50) {
      if (full) await new Promise((done) => setTimeout(done, begun + at / 2 - performance.now()));
      await send(
        ...Array.from({ length: Math.min(50, number - at) }, (_, more) =>
          shopTrace(at + more, at % 3 === 0 ? { error: 'no' } : {}),
        ),
      );
    }
    await page.locator('.signal', { hasText: `${(number - 1).toLocaleString('en')} held` }).waitFor();
    const seconds = (performance.now() - begun) / 1000;
    const taken = (await page.evaluate<number[]>('(window.watching = false, window.taken)')).sort((a, b) => a - b);
    const at = (share: number) => taken[Math.min(taken.length - 1, Math.floor(taken.length * share))]!;
    if (full)
      console.log(
        `${number} traces in ${seconds.toFixed(1)} s: ${taken.length} interactions, p50 ${at(0.5).toFixed(0)} ms, p95 ${at(0.95).toFixed(0)} ms, max ${at(1).toFixed(0)} ms`,
      );
    expect(taken.length).toBeGreaterThan(full ? 20 : 2);
    expect(at(0.95)).toBeLessThan(full ? 100 : 2000);
    expect(await page.locator('.trace').count()).toBeLessThan(60);
  });
}
