import type { Page } from "@playwright/test";

/**
 * Returns when the page has drawn this many more frames. Tests of what must *not* happen wait like this: a page on a
 * slow machine gets as many chances as on a quick one. Two frames are enough for a pending layout.
 */
export async function afterFrames(page: Page, frames = 2): Promise<void> {
  await page.evaluate(
    (count) =>
      new Promise<void>((resolve) => {
        let left = count;
        const draw = (): void => {
          if (left-- === 0) resolve();
          else requestAnimationFrame(draw);
        };
        draw();
      }),
    frames,
  );
}
