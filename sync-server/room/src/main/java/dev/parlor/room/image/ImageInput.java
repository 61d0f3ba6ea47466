package dev.parlor.room.image;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A position in the bytes of an image. Each read checks the bounds. */
final class ImageInput {
  private final byte[] bytes;
  private final int end;
  private int position;

  ImageInput(byte[] bytes, int from, int to) {
    this.bytes = bytes;
    this.position = from;
    this.end = to;
  }

  int position() {
    return position;
  }

  int left() {
    return end - position;
  }

  /** Skips a number of bytes; returns where they began. */
  int skip(long length, String place) throws BadImageException {
    if (length < 0 || length > left()) {
      throw BadImageException.damaged(place + " ends early");
    }
    var from = position;
    position += (int) length;
    return from;
  }

  /** Goes back a number of bytes that were read. */
  void back(int length) {
    position -= length;
  }

  int unsigned8(String place) throws BadImageException {
    return bytes[skip(1, place)] & 0xff;
  }

  int unsigned16(String place) throws BadImageException {
    var from = skip(2, place);
    return ((bytes[from] & 0xff) << 8) | (bytes[from + 1] & 0xff);
  }

  int littleEndian16(String place) throws BadImageException {
    return Short.toUnsignedInt(Short.reverseBytes((short) unsigned16(place)));
  }

  int littleEndian24(String place) throws BadImageException {
    return littleEndian16(place) | (unsigned8(place) << 16);
  }

  long unsigned32(String place) throws BadImageException {
    return ((long) unsigned16(place) << 16) | unsigned16(place);
  }

  long littleEndian32(String place) throws BadImageException {
    return littleEndian16(place) | ((long) littleEndian16(place) << 16);
  }

  /** The next bytes as letters. */
  String letters(int length, String place) throws BadImageException {
    return new String(bytes, skip(length, place), length, StandardCharsets.ISO_8859_1);
  }

  /** Copies bytes of the image to the output. */
  void copy(int from, int to, ByteArrayOutputStream out) {
    out.write(bytes, from, to - from);
  }

  static boolean startsWith(byte[] bytes, byte[] beginning) {
    return hasAt(bytes, 0, beginning);
  }

  /** Whether the bytes at this place are these. */
  static boolean hasAt(byte[] bytes, int from, byte[] expected) {
    return from + expected.length <= bytes.length
        && java.util.Arrays.equals(
            bytes, from, from + expected.length, expected, 0, expected.length);
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Checks the size of a picture against the limits. */
  static void checkSize(long width, long height) throws BadImageException {
    if (width < 1 || height < 1) {
      throw BadImageException.damaged("it has no width or no height");
    }
    if (width > ImageLimits.SIDE_MAX || height > ImageLimits.SIDE_MAX) {
      throw BadImageException.tooLarge(
          "the image has %d x %d pixels; a side may have at most %d; make it smaller"
              .formatted(width, height, ImageLimits.SIDE_MAX));
    }
    if (width * height > ImageLimits.PIXELS_MAX) {
      throw BadImageException.tooLarge(
          "the image has %d x %d pixels; at most %d million together fit; make it smaller"
              .formatted(width, height, ImageLimits.PIXELS_MAX / 1_000_000));
    }
  }

  static void checkFrames(int frames) throws BadImageException {
    if (frames > ImageLimits.FRAMES_MAX) {
      throw BadImageException.tooLarge(
          "the animation has more than %d pictures; make it shorter"
              .formatted(ImageLimits.FRAMES_MAX));
    }
  }
}
