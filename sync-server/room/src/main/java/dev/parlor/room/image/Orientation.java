package dev.parlor.room.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The orientation of a picture from its EXIF metadata: the only field that stays, since the picture
 * would be shown turned without it.
 *
 * @param value 1 to 8; 1 is upright
 */
record Orientation(int value) {
  static final Orientation UPRIGHT = new Orientation(1);

  private static final int TAG = 0x0112;
  private static final int SHORT = 3;
  private static final int ENTRIES_MAX = 1_000;

  /** Reads a TIFF structure; a damaged one is upright. */
  static Orientation ofTiff(byte[] bytes, int from, int to) {
    if (to - from < 14) {
      return UPRIGHT;
    }
    var tiff = ByteBuffer.wrap(bytes, from, to - from).slice();
    switch (tiff.getShort(0)) {
      case 0x4949 -> tiff.order(ByteOrder.LITTLE_ENDIAN);
      case 0x4d4d -> tiff.order(ByteOrder.BIG_ENDIAN);
      default -> {
        return UPRIGHT;
      }
    }
    var directory = Integer.toUnsignedLong(tiff.getInt(4));
    if (directory + 2 > tiff.limit()) {
      return UPRIGHT;
    }
    var count = Math.min(ENTRIES_MAX, Short.toUnsignedInt(tiff.getShort((int) directory)));
    for (var i = 0; i < count; i++) {
      var entry = (int) directory + 2 + 12 * i;
      if (entry + 12 > tiff.limit()) {
        return UPRIGHT;
      }
      if (Short.toUnsignedInt(tiff.getShort(entry)) == TAG && tiff.getShort(entry + 2) == SHORT) {
        var value = Short.toUnsignedInt(tiff.getShort(entry + 8));
        return value >= 1 && value <= 8 ? new Orientation(value) : UPRIGHT;
      }
    }
    return UPRIGHT;
  }

  boolean isUpright() {
    return value == 1;
  }

  /** Whether width and height are shown exchanged. */
  boolean swapsSides() {
    return value >= 5;
  }

  /** A TIFF structure with the orientation alone. */
  byte[] tiff() {
    return ByteBuffer.allocate(26)
        .order(ByteOrder.BIG_ENDIAN)
        .put(ImageInput.ascii("MM"))
        .putShort((short) 42)
        .putInt(8)
        .putShort((short) 1)
        .putShort((short) TAG)
        .putShort((short) SHORT)
        .putInt(1)
        .putShort((short) value)
        .putShort((short) 0)
        .putInt(0)
        .array();
  }
}
