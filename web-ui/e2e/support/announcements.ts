import type { Page } from "@playwright/test";

/**
 * Keeps every text of the live region from now on. A later announcement replaces an earlier one there, and two may
 * follow each other in either order.
 *
 * @returns reads the announcements so far
 */
export async function announcements(page: Page): Promise<() => Promise<string[]>> {
  const kept = await page.getByTestId("announcer").evaluateHandle((region) => {
    const texts: string[] = [];
    new MutationObserver(() => texts.push(region.textContent ?? "")).observe(region, {
      childList: true,
      characterData: true,
      subtree: true,
    });
    return texts;
  });
  return () => kept.jsonValue();
}
