package dev.parlor.model;

import java.io.IOException;
import java.util.Locale;
import okhttp3.Response;
import okio.Buffer;
import okio.BufferedSource;
import okio.GzipSource;
import okio.InflaterSource;
import okio.Okio;

/**
 * The body of a response without compression. Requests ask for none, but some proxies compress
 * anyway. The first bytes decide for gzip, the header for deflate.
 */
final class AnswerBody {
  private static final byte GZIP_1 = 0x1f;
  private static final byte GZIP_2 = (byte) 0x8b;

  /** The most layers of compression; an answer that is compressed more often is not read. */
  private static final int LAYERS_MAX = 2;

  private AnswerBody() {}

  static BufferedSource of(Response response) throws IOException {
    BufferedSource source = response.body().source();
    String encoding =
        String.valueOf(response.header("Content-Encoding", "")).strip().toLowerCase(Locale.ROOT);
    if (encoding.equals("deflate") && isZlib(source)) {
      source = Okio.buffer(new InflaterSource(source, new java.util.zip.Inflater()));
    }
    for (int layer = 0; layer < LAYERS_MAX && isGzip(source); layer++) {
      source = Okio.buffer(new GzipSource(source));
    }
    return source;
  }

  private static boolean isGzip(BufferedSource source) throws IOException {
    return source.request(2)
        && source.getBuffer().getByte(0) == GZIP_1
        && source.getBuffer().getByte(1) == GZIP_2;
  }

  /** The header of the zlib format is a multiple of 31, and its method is 8. */
  private static boolean isZlib(BufferedSource source) throws IOException {
    if (!source.request(2)) {
      return false;
    }
    Buffer buffer = source.getBuffer();
    int header = ((buffer.getByte(0) & 0xff) << 8) | (buffer.getByte(1) & 0xff);
    return (buffer.getByte(0) & 0x0f) == 8 && header % 31 == 0;
  }
}
