import qrcode from "qrcode-generator";

/** The empty border around a QR code, in modules. Readers need four. */
const BORDER = 4;

/** A QR code as an SVG path, with one unit for each module. */
export interface QrPath {
  /** The width and height with the border, in modules. */
  readonly size: number;
  readonly path: string;
}

/** The QR code of a text, with 15 % error correction. */
export function qrPath(text: string): QrPath {
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  const count = code.getModuleCount();
  let path = "";
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < count; column++) {
      const start = column;
      while (column < count && code.isDark(row, column)) column++;
      const width = column - start;
      if (width > 0) path += `M${start + BORDER} ${row + BORDER}h${width}v1h-${width}z`;
    }
  }
  return { size: count + 2 * BORDER, path };
}
