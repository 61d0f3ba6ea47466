import type { Page } from "@playwright/test";

/**
 * Records every later text of the live region, since each announcement replaces the one before it.
 *
 * @returns a function that reads the recorded announcements
 */
export async function announcements(page: Page): Promise<() => Promise<string[]>> {
  const recorded = await page.getByTestId("announcer").evaluateHandle((region) => {
    const texts: string[] = [];
    new MutationObserver(() => texts.push(region.textContent ?? "")).observe(region, {
      childList: true,
      characterData: true,
      subtree: true,
    });
    return texts;
  });
  return () => recorded.jsonValue();
}
