package dev.parlor.room.image;

import java.io.ByteArrayOutputStream;

/**
 * Cleans JPEG images: comments and the segments of EXIF, XMP, Photoshop and of further pictures go,
 * and so do bytes after the image. The color profile stays.
 */
final class JpegImage {
  static final byte[] SIGNATURE = {(byte) 0xff, (byte) 0xd8, (byte) 0xff};

  private static final int START = 0xd8;
  private static final int END = 0xd9;
  private static final int SCAN = 0xda;
  private static final int COMMENT = 0xfe;
  private static final int JFIF = 0xe0;
  private static final int EXIF = 0xe1;
  private static final int PROFILE = 0xe2;
  private static final int ADOBE = 0xee;
  private static final byte[] EXIF_NAME = ImageInput.ascii("Exif\0\0");
  private static final byte[] PROFILE_NAME = ImageInput.ascii("ICC_PROFILE\0");
  private static final byte[] JFIF_NAME = ImageInput.ascii("JFIF\0");
  private static final byte[] ADOBE_NAME = ImageInput.ascii("Adobe");

  private final byte[] bytes;
  private final ImageInput in;

  /** The segments and scans. */
  private final ByteArrayOutputStream body;

  private byte[] jfif = {};
  private Orientation orientation = Orientation.UPRIGHT;
  private int width;
  private int height;
  private boolean hasScan;

  private JpegImage(byte[] bytes) {
    this.bytes = bytes;
    this.in = new ImageInput(bytes, 2, bytes.length);
    this.body = new ByteArrayOutputStream(bytes.length);
  }

  static UploadedImage clean(byte[] bytes) throws BadImageException {
    return new JpegImage(bytes).clean();
  }

  private UploadedImage clean() throws BadImageException {
    for (var marker = marker(); marker != END; marker = marker()) {
      if (marker == START || marker < 0xc0 || (marker >= 0xd0 && marker < START)) {
        throw BadImageException.damaged("an unexpected marker");
      }
      segment(marker);
    }
    if (width == 0 || !hasScan) {
      throw BadImageException.damaged("it has no picture");
    }
    var out = new ByteArrayOutputStream(body.size() + 64);
    out.writeBytes(new byte[] {(byte) 0xff, (byte) START});
    out.writeBytes(jfif);
    if (!orientation.isUpright()) {
      var tiff = orientation.tiff();
      writeMarker(out, EXIF, 2 + EXIF_NAME.length + tiff.length);
      out.writeBytes(EXIF_NAME);
      out.writeBytes(tiff);
    }
    out.writeBytes(body.toByteArray());
    out.writeBytes(new byte[] {(byte) 0xff, (byte) END});
    return UploadedImage.of(ImageType.JPEG, width, height, orientation, out.toByteArray());
  }

  private static void writeMarker(ByteArrayOutputStream out, int marker, int length) {
    out.writeBytes(new byte[] {(byte) 0xff, (byte) marker, (byte) (length >> 8), (byte) length});
  }

  /** The next marker. Any number of fill bytes may stand before it. */
  private int marker() throws BadImageException {
    if (in.unsigned8("a segment") != 0xff) {
      throw BadImageException.damaged("a marker is missing");
    }
    var marker = 0xff;
    while (marker == 0xff) {
      marker = in.unsigned8("a segment");
    }
    return marker;
  }

  private void segment(int marker) throws BadImageException {
    var length = in.unsigned16("a segment");
    if (length < 2) {
      throw BadImageException.damaged("a segment has no length");
    }
    var from = in.skip(length - 2, "a segment");
    var to = in.position();
    var isApplication = marker >= JFIF && marker <= 0xef;
    if (marker == EXIF && ImageInput.hasAt(bytes, from, EXIF_NAME)) {
      orientation = Orientation.ofTiff(bytes, from + EXIF_NAME.length, to);
    }
    if (marker == JFIF && length >= 16 && ImageInput.hasAt(bytes, from, JFIF_NAME)) {
      keepJfif(from);
    }
    if (marker == COMMENT || (isApplication && !isColor(marker, from))) {
      return;
    }
    if (isFrame(marker)) {
      frame(from, to);
    }
    writeMarker(body, marker, length);
    in.copy(from, to, body);
    if (marker == SCAN) {
      scan();
    }
  }

  /** Keeps the version and the density, without the small picture. */
  private void keepJfif(int from) {
    var out = new ByteArrayOutputStream();
    writeMarker(out, JFIF, 16);
    in.copy(from, from + 12, out);
    out.writeBytes(new byte[2]);
    jfif = out.toByteArray();
  }

  /** Whether a segment of an application says how the colors are to be read. */
  private boolean isColor(int marker, int from) {
    return (marker == PROFILE && ImageInput.hasAt(bytes, from, PROFILE_NAME))
        || (marker == ADOBE && ImageInput.hasAt(bytes, from, ADOBE_NAME));
  }

  private static boolean isFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }

  private void frame(int from, int to) throws BadImageException {
    if (width != 0) {
      throw BadImageException.damaged("it has two frames");
    }
    var header = new ImageInput(bytes, from, to);
    header.skip(1, "the frame's header");
    height = header.unsigned16("the frame's header");
    width = header.unsigned16("the frame's header");
    ImageInput.checkSize(width, height);
  }

  /** Copies the coded picture up to the next marker that does not belong to it. */
  private void scan() throws BadImageException {
    hasScan = true;
    var from = in.position();
    while (true) {
      if (in.unsigned8("the picture") == 0xff) {
        var next = 0xff;
        while (next == 0xff) {
          next = in.unsigned8("the picture");
        }
        if (next != 0 && (next < 0xd0 || next > 0xd7)) {
          break;
        }
      }
    }
    in.back(2);
    in.copy(from, in.position(), body);
  }
}
