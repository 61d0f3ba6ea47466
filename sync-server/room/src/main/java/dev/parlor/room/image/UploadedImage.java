package dev.parlor.room.image;

import dev.parlor.crdt.identity.Bytes;

/**
 * An image that a room may store: its type is known from its bytes, its size is within the limits,
 * and it has no metadata except its orientation and colors. Bytes outside the image are gone.
 *
 * @param width pixels from left to right, as the image is shown
 * @param height pixels from top to bottom, as the image is shown
 */
public record UploadedImage(ImageType type, int width, int height, Bytes content) {

  /** The result of reading uploaded bytes. */
  public sealed interface Reading {
    record Clean(UploadedImage image) implements Reading {}

    /**
     * The bytes are no image that a room takes.
     *
     * @param code the reason for programs
     * @param reason a sentence about the file
     */
    record Refused(String code, String reason) implements Reading {}
  }

  /** Checks and cleans uploaded bytes. Never throws. */
  public static Reading read(Bytes upload) {
    if (upload.length() > ImageLimits.BYTES_MAX) {
      return new Reading.Refused(
          "image-too-large", "an image may have at most " + ImageLimits.BYTES_MAX + " bytes");
    }
    var bytes = upload.toArray();
    try {
      if (ImageInput.startsWith(bytes, PngImage.SIGNATURE)) {
        return new Reading.Clean(PngImage.clean(bytes));
      }
      if (ImageInput.startsWith(bytes, JpegImage.SIGNATURE)) {
        return new Reading.Clean(JpegImage.clean(bytes));
      }
      if (GifImage.isGif(bytes)) {
        return new Reading.Clean(GifImage.clean(bytes));
      }
      if (WebpImage.isWebp(bytes)) {
        return new Reading.Clean(WebpImage.clean(bytes));
      }
      return new Reading.Refused(
          "not-an-image", "the file is not a PNG, JPEG, GIF or WebP image; convert it to one");
    } catch (BadImageException e) {
      return new Reading.Refused(e.code(), e.reason());
    }
  }

  /** An image of this size, turned as its orientation says. */
  static UploadedImage of(
      ImageType type, int width, int height, Orientation orientation, byte[] content) {
    return orientation.swapsSides()
        ? new UploadedImage(type, height, width, Bytes.wrap(content))
        : new UploadedImage(type, width, height, Bytes.wrap(content));
  }
}
