package dev.parlor.room.image;

/** Limits of one image. An image beyond one of them is refused. */
public final class ImageLimits {
  private static final int MIB = 1024 * 1024;

  /** Bytes of one image; above: 413, before the body is read if the request has its length. */
  public static final int BYTES_MAX = 4 * MIB;

  /** Pixels of the longer side; above: 422. */
  public static final int SIDE_MAX = 16_384;

  /** Pixels of one picture; above: 422. A decoded picture has four bytes for each pixel. */
  public static final int PIXELS_MAX = 40_000_000;

  /** Pictures of one animation; above: 422. */
  public static final int FRAMES_MAX = 1_000;

  private ImageLimits() {}
}
