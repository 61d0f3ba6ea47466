package dev.parlor.room.image;

import java.io.ByteArrayOutputStream;

/** Cleans GIF images: comments, texts and XMP go, and so do bytes after the image. */
final class GifImage {
  private static final byte[] VERSION_87 = ImageInput.ascii("GIF87a");
  private static final byte[] VERSION_89 = ImageInput.ascii("GIF89a");
  private static final int EXTENSION = 0x21;
  private static final int PICTURE = 0x2c;
  private static final int TRAILER = 0x3b;
  private static final int CONTROL = 0xf9;
  private static final int APPLICATION = 0xff;

  private final byte[] bytes;
  private final ImageInput in;
  private final ByteArrayOutputStream out;
  private int frames;

  private GifImage(byte[] bytes) {
    this.bytes = bytes;
    this.in = new ImageInput(bytes, 6, bytes.length);
    this.out = new ByteArrayOutputStream(bytes.length);
  }

  static boolean isGif(byte[] bytes) {
    return ImageInput.startsWith(bytes, VERSION_87) || ImageInput.startsWith(bytes, VERSION_89);
  }

  static UploadedImage clean(byte[] bytes) throws BadImageException {
    return new GifImage(bytes).clean();
  }

  private UploadedImage clean() throws BadImageException {
    var width = in.littleEndian16("the header");
    var height = in.littleEndian16("the header");
    ImageInput.checkSize(width, height);
    skipColors(in.unsigned8("the header"), 2);
    in.copy(0, in.position(), out);
    for (var block = in.unsigned8("a block"); ; block = in.unsigned8("a block")) {
      switch (block) {
        case EXTENSION -> extension();
        case PICTURE -> picture();
        case TRAILER -> {
          if (frames == 0) {
            throw BadImageException.damaged("it has no picture");
          }
          out.write(TRAILER);
          return UploadedImage.of(
              ImageType.GIF, width, height, Orientation.UPRIGHT, out.toByteArray());
        }
        default -> throw BadImageException.damaged("an unexpected block");
      }
    }
  }

  /** Skips bytes and the table of colors that the flags announce. */
  private void skipColors(int flags, int before) throws BadImageException {
    in.skip(before, "the colors");
    if ((flags & 0x80) != 0) {
      in.skip(3L << ((flags & 7) + 1), "the colors");
    }
  }

  private void extension() throws BadImageException {
    var from = in.position() - 1;
    var label = in.unsigned8("a block");
    var isKept = label == CONTROL || (label == APPLICATION && isLoop());
    skipBlocks();
    if (isKept) {
      in.copy(from, in.position(), out);
    }
  }

  /** Whether the extension says how often the animation runs. */
  private boolean isLoop() {
    var name = in.position() + 1;
    return ImageInput.hasAt(bytes, name, ImageInput.ascii("NETSCAPE2.0"))
        || ImageInput.hasAt(bytes, name, ImageInput.ascii("ANIMEXTS1.0"));
  }

  private void picture() throws BadImageException {
    var from = in.position() - 1;
    in.skip(4, "a picture");
    ImageInput.checkSize(in.littleEndian16("a picture"), in.littleEndian16("a picture"));
    ImageInput.checkFrames(++frames);
    skipColors(in.unsigned8("a picture"), 0);
    in.skip(1, "a picture");
    skipBlocks();
    in.copy(from, in.position(), out);
  }

  private void skipBlocks() throws BadImageException {
    var length = in.unsigned8("a block");
    while (length != 0) {
      in.skip(length, "a block");
      length = in.unsigned8("a block");
    }
  }
}
