import readQr from "jsqr";
import { describe, expect, it } from "vitest";
import { type QrPath, qrPath } from "./qr";

const SCALE = 4;

/** The pixels of a QR code as a screen shows them: RGBA, black on white. */
function pixelsOf({ size, path }: QrPath): Uint8ClampedArray {
  const pixels = new Uint8ClampedArray(size * SCALE * size * SCALE * 4).fill(255);
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g))
    for (let row = Number(y) * SCALE; row < (Number(y) + 1) * SCALE; row++)
      for (let column = Number(x) * SCALE; column < (Number(x) + Number(width)) * SCALE; column++)
        pixels.fill(0, (row * size * SCALE + column) * 4, (row * size * SCALE + column) * 4 + 3);
  return pixels;
}

describe("the QR code of an address", () => {
  it.each([
    "https://a--b.example/",
    "https://repair-sign-up--amber-otter-123.apps.parlor.example/",
    `https://${"long-name".repeat(3)}xyz--${"another-name".repeat(2)}.a.rather.long.base.example:8443/`,
  ])("is read as this address: %s", (url) => {
    const code = qrPath(url);
    const width = code.size * SCALE;
    expect(readQr(pixelsOf(code), width, width)?.data).toBe(url);
  });
});
