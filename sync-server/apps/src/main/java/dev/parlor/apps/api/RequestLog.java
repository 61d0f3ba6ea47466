package dev.parlor.apps.api;

import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a log line for each answered request. A line has only what {@link
 * RequestObserver.AnsweredRequest} has, and so no body and no token. Safe from any thread.
 */
public final class RequestLog implements RequestObserver {
  private static final Logger LOG = LoggerFactory.getLogger(RequestLog.class);

  /** Each other character of a tid becomes a question mark, so a tid cannot forge a line. */
  private static final Pattern OTHER = Pattern.compile("[^A-Za-z0-9_.:/-]");

  /** Characters of a tid in a line; the rest is cut. */
  private static final int TID_LENGTH_MAX = 40;

  private static final double NANOS_PER_MILLI = 1e6;

  /** The requests with a line. */
  public enum Level {
    ALL,
    /** Only requests that were answered with an error. */
    REFUSED,
    NONE
  }

  private final Level level;

  public RequestLog(Level level) {
    this.level = level;
  }

  @Override
  public void answered(AnsweredRequest request) {
    if (level == Level.NONE || (level == Level.REFUSED && request.refusal().isEmpty())) {
      return;
    }
    LOG.info(
        "apps API {} tid={} outcome={} user={} ms={} in={} out={}",
        request.type(),
        shown(request.tid()),
        request.refusal().map(code -> code.wire()).orElse("ok"),
        request.userId().orElse("-"),
        Math.round(10 * request.nanos() / NANOS_PER_MILLI) / 10.0,
        request.bytesIn(),
        request.bytesOut());
  }

  private static String shown(String tid) {
    var cut = tid.length() > TID_LENGTH_MAX ? tid.substring(0, TID_LENGTH_MAX) : tid;
    return cut.isEmpty() ? "-" : OTHER.matcher(cut).replaceAll("?");
  }
}
