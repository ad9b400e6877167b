/** What axe, the accessibility checker, has to say about a page. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const source = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * What axe complains about, as one line for each place: everything, or only what may be otherwise in another theme.
 */
export async function complaints(page: Page, what: 'all' | 'colours'): Promise<string[]> {
  // Evaluated, not added to the page: its content security policy would not let it in.
  await page.evaluate(`${await source}; undefined`);
  // Another theme fades in; what counts is what it comes to.
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter((animation) => animation instanceof CSSTransition)
        .map((animation) => animation.finished.catch(() => undefined)),
    ),
  );
  // What lies behind a dialog cannot be used, and was looked at without it.
  const rules = what === 'all' ? '{}' : '{ runOnly: ["color-contrast"] }';
  const { violations } = await page.evaluate<AxeResults>(
    `axe.run(document.querySelector('dialog[open]') ?? document, ${rules})`,
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, target }) => `${id}: ${help} at ${target.join(' ')}: ${html}`),
  );
}
