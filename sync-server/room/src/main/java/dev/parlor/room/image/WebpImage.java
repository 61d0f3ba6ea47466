package dev.parlor.room.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;

/** Cleans WebP images: EXIF, XMP and unknown chunks go, and so do bytes after the image. */
final class WebpImage {
  private static final int HEADER = 12;
  private static final int FRAME_HEADER = 16;
  private static final int HAS_EXIF = 0x08;
  private static final int HAS_XMP = 0x04;
  private static final Set<String> PICTURES = Set.of("VP8 ", "VP8L");
  private static final Set<String> OF_FRAME = Set.of("VP8 ", "VP8L", "ALPH");
  private static final Set<String> KEPT =
      Set.of("VP8 ", "VP8L", "VP8X", "ALPH", "ICCP", "ANIM", "ANMF");

  private final byte[] bytes;
  private final ByteArrayOutputStream out;
  private Orientation orientation = Orientation.UPRIGHT;
  private int flagsAt = -1;
  private int width;
  private int height;
  private int frames;
  private boolean hasPicture;

  private WebpImage(byte[] bytes) {
    this.bytes = bytes;
    this.out = new ByteArrayOutputStream(bytes.length);
    out.write(bytes, 0, HEADER);
  }

  static boolean isWebp(byte[] bytes) {
    return ImageInput.startsWith(bytes, ImageInput.ascii("RIFF"))
        && ImageInput.hasAt(bytes, 8, ImageInput.ascii("WEBP"));
  }

  static UploadedImage clean(byte[] bytes) throws BadImageException {
    return new WebpImage(bytes).clean();
  }

  private UploadedImage clean() throws BadImageException {
    var size = new ImageInput(bytes, 4, HEADER).littleEndian32("the header");
    if (size + 8 > bytes.length) {
      throw BadImageException.damaged("it ends early");
    }
    var in = new ImageInput(bytes, HEADER, (int) size + 8);
    while (in.left() > 0) {
      var from = in.position();
      var type = in.letters(4, "a chunk");
      var length = in.littleEndian32("a chunk");
      var data = in.skip(length, "a chunk");
      in.skip(Math.min(length & 1, in.left()), "a chunk");
      chunk(type, data, (int) length);
      if (type.equals("ANMF")) {
        frame(data, (int) length);
      } else if (KEPT.contains(type)) {
        write(out, type, data, (int) length);
      }
      if (from == HEADER && type.equals("VP8X")) {
        flagsAt = HEADER + 8;
      }
    }
    if (!hasPicture) {
      throw BadImageException.damaged("it has no picture");
    }
    return UploadedImage.of(ImageType.WEBP, width, height, orientation, finished());
  }

  private void chunk(String type, int data, int length) throws BadImageException {
    switch (type) {
      case "VP8X" -> {
        var in = new ImageInput(bytes, data, data + length);
        in.skip(4, "the header");
        size(in.littleEndian24("the header") + 1, in.littleEndian24("the header") + 1);
      }
      case "VP8 ", "VP8L" -> picture(type, data, length);
      case "EXIF" -> {
        var name = ImageInput.ascii("Exif\0\0");
        var skipped = ImageInput.hasAt(bytes, data, name) ? Math.min(name.length, length) : 0;
        orientation = Orientation.ofTiff(bytes, data + skipped, data + length);
      }
      default -> {
        // Copied or left out.
      }
    }
  }

  /** The first size counts: the header's, or the only picture's. */
  private void size(int wide, int high) throws BadImageException {
    ImageInput.checkSize(wide, high);
    if (width == 0) {
      width = wide;
      height = high;
    }
  }

  private void picture(String type, int data, int length) throws BadImageException {
    hasPicture = true;
    var in = new ImageInput(bytes, data, data + length);
    if (type.equals("VP8 ")) {
      in.skip(6, "a picture");
      size(in.littleEndian16("a picture") & 0x3fff, in.littleEndian16("a picture") & 0x3fff);
    } else {
      in.skip(1, "a picture");
      var sides = in.littleEndian32("a picture");
      size((int) (sides & 0x3fff) + 1, (int) ((sides >> 14) & 0x3fff) + 1);
    }
  }

  /** A picture of an animation: a header, and chunks of its own. */
  private void frame(int data, int length) throws BadImageException {
    ImageInput.checkFrames(++frames);
    var in = new ImageInput(bytes, data, data + length);
    var kept = new ByteArrayOutputStream(length);
    kept.write(bytes, in.skip(FRAME_HEADER, "a picture"), FRAME_HEADER);
    while (in.left() > 0) {
      var type = in.letters(4, "a picture");
      var size = in.littleEndian32("a picture");
      var from = in.skip(size, "a picture");
      in.skip(Math.min(size & 1, in.left()), "a picture");
      if (PICTURES.contains(type)) {
        picture(type, from, (int) size);
      }
      if (OF_FRAME.contains(type)) {
        write(kept, type, from, (int) size);
      }
    }
    writeHeader(out, "ANMF", kept.size());
    out.writeBytes(kept.toByteArray());
  }

  private void write(ByteArrayOutputStream target, String type, int from, int length) {
    writeHeader(target, type, length);
    target.write(bytes, from, length);
    if (length % 2 == 1) {
      target.write(0);
    }
  }

  private static void writeHeader(ByteArrayOutputStream target, String type, int length) {
    target.writeBytes(ImageInput.ascii(type));
    target.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(length).array());
  }

  /** The output with its orientation, its flags and its size. */
  private byte[] finished() {
    var hasOrientation = !orientation.isUpright() && flagsAt >= 0;
    if (hasOrientation) {
      var tiff = orientation.tiff();
      writeHeader(out, "EXIF", tiff.length);
      out.writeBytes(tiff);
    }
    var clean = out.toByteArray();
    if (flagsAt >= 0) {
      clean[flagsAt] &= (byte) ~(HAS_EXIF | HAS_XMP);
      clean[flagsAt] |= (byte) (hasOrientation ? HAS_EXIF : 0);
    }
    ByteBuffer.wrap(clean).order(ByteOrder.LITTLE_ENDIAN).putInt(4, clean.length - 8);
    return clean;
  }
}
