package dev.parlor.room.image;

import dev.parlor.crdt.identity.Bytes;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;

/** Image files for tests, written by the JDK or by hand. */
public final class ImageFiles {
  private static final int RED = 0xff0000;

  private ImageFiles() {}

  /** A picture of one color in the format {@code png}, {@code jpeg} or {@code gif}. */
  public static byte[] of(String format, int width, int height, int color) {
    var picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (var x = 0; x < width; x++) {
      for (var y = 0; y < height; y++) {
        picture.setRGB(x, y, color);
      }
    }
    return written(picture, format);
  }

  /** A PNG of drawn colors, which does not compress. */
  public static byte[] noise(int width, int height) {
    var random = new Random(126);
    var picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (var x = 0; x < width; x++) {
      for (var y = 0; y < height; y++) {
        picture.setRGB(x, y, random.nextInt(1 << 24));
      }
    }
    return written(picture, "png");
  }

  private static byte[] written(BufferedImage picture, String format) {
    var out = new ByteArrayOutputStream();
    try {
      ImageIO.write(picture, format, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static byte[] red(String format) {
    return of(format, 6, 4, RED);
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (var part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  /** The bytes with others put in at a place. */
  static byte[] insert(byte[] bytes, int at, byte[] others) {
    var head = java.util.Arrays.copyOf(bytes, at);
    return join(head, others, java.util.Arrays.copyOfRange(bytes, at, bytes.length));
  }

  static byte[] pngChunk(String type, byte[] data) {
    var chunk = ByteBuffer.allocate(12 + data.length);
    chunk.putInt(data.length).put(ascii(type)).put(data);
    var crc = new CRC32();
    crc.update(chunk.array(), 4, 4 + data.length);
    return chunk.putInt((int) crc.getValue()).array();
  }

  static byte[] jpegSegment(int marker, byte[] data) {
    return ByteBuffer.allocate(4 + data.length)
        .put((byte) 0xff)
        .put((byte) marker)
        .putShort((short) (data.length + 2))
        .put(data)
        .array();
  }

  /** EXIF data with an orientation and a place in words, in either order of bytes. */
  static byte[] tiff(int orientation, ByteOrder order) {
    var place = ascii("GPS 52.52");
    return ByteBuffer.allocate(38 + place.length)
        .order(order)
        .put(ascii(order == ByteOrder.BIG_ENDIAN ? "MM" : "II"))
        .putShort((short) 42)
        .putInt(8)
        .putShort((short) 2)
        .putShort((short) 0x010e)
        .putShort((short) 2)
        .putInt(place.length)
        .putInt(38)
        .putShort((short) 0x0112)
        .putShort((short) 3)
        .putInt(1)
        .putShort((short) orientation)
        .putShort((short) 0)
        .putInt(0)
        .put(place)
        .array();
  }

  static byte[] webpChunk(String type, byte[] data) {
    return ByteBuffer.allocate(8 + data.length + (data.length & 1))
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(ascii(type))
        .putInt(data.length)
        .put(data)
        .array();
  }

  static byte[] webp(byte[]... chunks) {
    var body = join(chunks);
    return ByteBuffer.allocate(12 + body.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(ascii("RIFF"))
        .putInt(body.length + 4)
        .put(ascii("WEBP"))
        .put(body)
        .array();
  }

  /** The header of an extended WebP image. */
  static byte[] webpHeader(int flags, int width, int height) {
    return webpChunk(
        "VP8X",
        new byte[] {
          (byte) flags,
          0,
          0,
          0,
          (byte) (width - 1),
          (byte) ((width - 1) >> 8),
          0,
          (byte) (height - 1),
          (byte) ((height - 1) >> 8),
          0
        });
  }

  /** The beginning of a lossless WebP picture with its size. */
  static byte[] webpPicture(int width, int height) {
    var sides = (width - 1) | ((height - 1) << 14);
    return webpChunk(
        "VP8L",
        ByteBuffer.allocate(9)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put((byte) 0x2f)
            .putInt(sides)
            .putInt(0x01020304)
            .array());
  }

  static Bytes bytes(byte[] all) {
    return Bytes.wrap(all);
  }
}
