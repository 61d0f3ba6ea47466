package dev.parlor.server.http;

/** Longest texts in a request, in UTF-16 units, as everywhere in a room. */
final class TextLimits {
  static final int NAME = 80;
  static final int TITLE = 200;
  static final int CARD = 4_000;
  static final int CHAT = 8_000;
  static final int QUERY = 16_000;

  private TextLimits() {}
}
