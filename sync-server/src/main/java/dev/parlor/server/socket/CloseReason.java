package dev.parlor.server.socket;

import java.nio.charset.StandardCharsets;

/** Cuts the reason of a close frame to what the frame can hold. */
final class CloseReason {

  private static final int BYTES_MAX = 123;

  private CloseReason() {}

  static String fit(String reason) {
    var fitting = reason;
    while (fitting.getBytes(StandardCharsets.UTF_8).length > BYTES_MAX) {
      fitting = fitting.substring(0, fitting.offsetByCodePoints(fitting.length(), -1));
    }
    return fitting;
  }
}
