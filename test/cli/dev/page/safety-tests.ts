// What spans say is shown, never obeyed. The policy of the page is switched off here, so that only the page itself protects.
import { expect, test } from 'vitest';
import { PAYLOADS } from './payloads.ts';
import { type PageRig, shopTrace, traceId } from './rig.ts';

export function safetyTests(rig: PageRig): void {
  test('50 payloads, in every place where a span has text, run nothing and ask nobody', async () => {
    expect(PAYLOADS.length).toBeGreaterThanOrEqual(50);
    const traces = PAYLOADS.map((text, at) =>
      shopTrace(at + 1, {
        service: text,
        name: text,
        attributes: { [text]: text, plain: text, list: [text, text], 'http.route': text },
        events: [{ name: text, at: 1, attributes: { [text]: text } }],
        exception: { type: text, message: text, stack: `${text}\n    at ${text} (${text}:1:1)` },
        links: [{ traceId: traceId(1), spanId: 'f'.repeat(16), attributes: { [text]: text } }],
        children: [{ service: `${text} 2`, name: `${text} child`, at: 1, ms: 2, error: text }],
      }),
    );
    const { page, problems, strangers, send } = await rig.open({ viewer: {}, bypassCSP: true });
    await page.exposeFunction('hit', () => problems.push('a script ran'));
    page.on('dialog', (dialog) => {
      problems.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await send(...traces);
    await page.locator('.trace').nth(5).waitFor();
    const origin = page.url().replace(/#.*/, '');
    const drawn = await page.evaluate<string[]>(`(async () => {
      const seen = [];
      const until = async (what) => { while (!what()) await new Promise((done) => setTimeout(done, 5)); };
      for (let number = 1; number <= ${PAYLOADS.length}; number++) {
        const id = number.toString(16).padStart(8, '0').padEnd(16, 'a').padEnd(32, '0');
        location.hash = id;
        dispatchEvent(new PopStateEvent('popstate'));
        await until(() => document.querySelector('.actions a')?.getAttribute('href')?.includes(id) && document.querySelector('.stack'));
        for (const one of document.querySelectorAll('details')) one.open = true;
        seen.push(document.querySelector('.titles h1').textContent);
      }
      document.querySelector('#detail button[aria-label^="Show "]').click();
      return seen;
    })()`);
    expect(drawn).toEqual([...PAYLOADS]);
    for (const view of ['', 'map', `${traceId(1)}..${traceId(2)}`]) {
      await page.goto(`${origin}#${view}`);
      await page
        .locator(view === '' ? '.dots svg' : view === 'map' ? '.map .service' : '.pair')
        .first()
        .waitFor();
    }
    await page.keyboard.press('f');
    await page.keyboard.insertText(`"${PAYLOADS[10]}"`);
    await page.locator('.trace .title', { hasText: PAYLOADS[10]! }).first().waitFor();
    const foreign = await page.evaluate<string[]>(
      `[...document.querySelectorAll('script, iframe, object, embed, base, meta[http-equiv], style, form, [onerror], [onload], [href^="javascript"]')].map((node) => node.outerHTML).filter((html) => !html.startsWith('<script src="/page/'))`,
    );
    expect(foreign).toEqual([]);
    expect(problems).toEqual([]);
    expect(strangers).toEqual([]);
  });

  test('the page keeps to its policy: nothing inline, nothing from elsewhere', async () => {
    const { page, problems, strangers, viewer } = await rig.open({ traces: [shopTrace(1)] });
    await page.locator('.trace').click();
    await page.locator('.span').waitFor();
    await page.keyboard.press('m');
    await page.locator('.map .service').waitFor();
    const policy = (await fetch(`${viewer.url}/`)).headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(problems).toEqual([]);
    expect(strangers).toEqual([]);
  });
}
