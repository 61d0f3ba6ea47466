package dev.parlor.room.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.zip.CRC32;

/** Cleans PNG images: chunks of text, time and EXIF go, and so do bytes after the last chunk. */
final class PngImage {
  static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10};

  /** The chunks that stay: the picture, its animation and its colors. */
  private static final Set<String> KEPT =
      Set.of(
          "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "sBIT", "bKGD",
          "pHYs", "cICP", "mDCV", "cLLI", "acTL", "fcTL", "fdAT");

  private final byte[] bytes;
  private final ImageInput in;
  private final ByteArrayOutputStream out;
  private Orientation orientation = Orientation.UPRIGHT;
  private int width;
  private int height;
  private int frames;
  private boolean hasData;

  private PngImage(byte[] bytes) {
    this.bytes = bytes;
    this.in = new ImageInput(bytes, SIGNATURE.length, bytes.length);
    this.out = new ByteArrayOutputStream(bytes.length);
    out.writeBytes(SIGNATURE);
  }

  static UploadedImage clean(byte[] bytes) throws BadImageException {
    return new PngImage(bytes).clean();
  }

  private UploadedImage clean() throws BadImageException {
    while (true) {
      var from = in.position();
      var length = in.unsigned32("a chunk");
      var type = in.letters(4, "a chunk");
      var data = in.skip(length, "a chunk");
      var checksum = in.unsigned32("a chunk");
      var crc = new CRC32();
      crc.update(bytes, data - 4, (int) length + 4);
      if (crc.getValue() != checksum) {
        throw BadImageException.damaged("a chunk has a wrong checksum");
      }
      chunk(type, data, (int) length);
      if (KEPT.contains(type)) {
        in.copy(from, in.position(), out);
      }
      if (type.equals("IEND")) {
        break;
      }
    }
    if (!hasData) {
      throw BadImageException.damaged("it has no picture");
    }
    return UploadedImage.of(ImageType.PNG, width, height, orientation, withOrientation());
  }

  private void chunk(String type, int data, int length) throws BadImageException {
    if ((width == 0) != type.equals("IHDR")) {
      throw BadImageException.damaged("its header is missing or stands twice");
    }
    switch (type) {
      case "IHDR" -> {
        var header = new ImageInput(bytes, data, data + length);
        var wide = header.unsigned32("the header");
        var high = header.unsigned32("the header");
        ImageInput.checkSize(wide, high);
        width = (int) wide;
        height = (int) high;
      }
      case "IDAT" -> hasData = true;
      case "fcTL" -> ImageInput.checkFrames(++frames);
      case "eXIf" -> orientation = Orientation.ofTiff(bytes, data, data + length);
      default -> {
        // Copied or left out.
      }
    }
  }

  /** The output; if the picture is turned, its orientation stands after the header. */
  private byte[] withOrientation() {
    var clean = out.toByteArray();
    if (orientation.isUpright()) {
      return clean;
    }
    var headerEnd = SIGNATURE.length + 25;
    var tiff = orientation.tiff();
    var chunk = ByteBuffer.allocate(12 + tiff.length);
    chunk.putInt(tiff.length).put(ImageInput.ascii("eXIf")).put(tiff);
    var crc = new CRC32();
    crc.update(chunk.array(), 4, 4 + tiff.length);
    chunk.putInt((int) crc.getValue());
    return ByteBuffer.allocate(clean.length + chunk.capacity())
        .put(clean, 0, headerEnd)
        .put(chunk.array())
        .put(clean, headerEnd, clean.length - headerEnd)
        .array();
  }
}
