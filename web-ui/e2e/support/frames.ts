import type { Page } from "@playwright/test";

/**
 * Waits until the page has drawn this many more frames. A test that asserts that something does *not* happen waits like
 * this, so that a slow machine gets as many chances as a fast one. Two frames are enough for a pending layout.
 */
export async function afterFrames(page: Page, frames = 2): Promise<void> {
  await page.evaluate(
    (count) =>
      new Promise<void>((resolve) => {
        let remaining = count;
        const draw = (): void => {
          if (remaining-- === 0) resolve();
          else requestAnimationFrame(draw);
        };
        draw();
      }),
    frames,
  );
}
