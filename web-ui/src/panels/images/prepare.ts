import { LIMITS } from "../../room/schema/document";
import { imageTexts } from "../../texts";

/** A longer side or a larger file is made smaller before the upload, so that models take it. */
const SIDE_MAX = 2400;
const BYTES_MAX = 1.5 * 1024 * 1024;
const QUALITY = 0.86;

/** The types of images that a room takes. */
export const IMAGE_TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp"] as const;

/** The image files in a drop, a paste or a choice of files. */
export function imagesIn(data: DataTransfer | null): File[] {
  return [...(data?.files ?? [])].filter(({ type }) => type.startsWith("image/"));
}

/** The size of a picture that fits into the square of `SIDE_MAX`, with the same shape. */
export function fitted(width: number, height: number, sideMax = SIDE_MAX): { width: number; height: number } {
  const scale = Math.min(1, sideMax / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/**
 * The bytes to upload: large pictures are made smaller. A GIF stays as it is, since it may be animated. Rejects with a
 * sentence if the file is no image that a room takes.
 */
export async function prepared(file: File): Promise<Blob> {
  if (!IMAGE_TYPES.some((type) => type === file.type)) throw new Error(imageTexts.wrongType);
  if (file.type === "image/gif") return checked(file);
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(file);
  } catch {
    // The server decides about a file that this browser cannot read.
    return checked(file);
  }
  try {
    const size = fitted(picture.width, picture.height);
    if (size.width === picture.width && file.size <= BYTES_MAX) return file;
    const canvas = document.createElement("canvas");
    canvas.width = size.width;
    canvas.height = size.height;
    canvas.getContext("2d")?.drawImage(picture, 0, 0, size.width, size.height);
    const smaller = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/webp", QUALITY));
    return checked(smaller !== null && smaller.size < file.size ? smaller : file);
  } finally {
    picture.close();
  }
}

function checked(file: Blob): Blob {
  if (file.size > LIMITS.imageFile) throw new Error(imageTexts.tooLarge(LIMITS.imageFile / 1024 / 1024));
  return file;
}

/** The name of a file as words that describe it; empty for names that say nothing. */
export function describedBy({ name }: File): string {
  const words = name
    .replace(/\.[^.]*$/, "")
    .replace(/[_-]+/g, " ")
    .trim();
  return /^(image|img|dsc|pxl|photo|screenshot|bildschirmfoto)?[\s\d().:]*$/i.test(words)
    ? ""
    : words.slice(0, LIMITS.alt);
}
