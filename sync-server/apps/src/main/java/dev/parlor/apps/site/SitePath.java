package dev.parlor.apps.site;

import dev.parlor.apps.limits.AppLimits;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads the path of a request. A file has one path only: a path with an empty part, a part {@code .}
 * or {@code ..}, or an encoded slash names no file.
 */
final class SitePath {
  private SitePath() {}

  /**
   * The path with its percent encoding removed once.
   *
   * @param raw the path as the client sent it
   * @return empty if the path names no file
   */
  static Optional<String> decode(String raw) {
    if (!raw.startsWith("/") || raw.length() > AppLimits.PATH_LENGTH_MAX) {
      return Optional.empty();
    }
    var path = new StringBuilder();
    var parts = raw.substring(1).split("/", -1);
    for (var at = 0; at < parts.length; at++) {
      var isLast = at == parts.length - 1;
      var part = decodePart(parts[at]).filter(text -> isPart(text, isLast));
      if (part.isEmpty()) {
        return Optional.empty();
      }
      path.append('/').append(part.get());
    }
    return Optional.of(path.toString());
  }

  private static boolean isPart(String text, boolean isLast) {
    return (!text.isEmpty() || isLast)
        && !text.equals(".")
        && !text.equals("..")
        && text.chars().noneMatch(c -> c == '/' || c == '\\' || c < ' ' || c == 0x7f);
  }

  private static Optional<String> decodePart(String part) {
    if (part.indexOf('%') < 0) {
      return Optional.of(part);
    }
    var bytes = new ByteArrayOutputStream();
    for (var at = 0; at < part.length(); at++) {
      var c = part.charAt(at);
      if (c == '%') {
        var isWhole = at + 2 < part.length();
        var high = isWhole ? Character.digit(part.charAt(at + 1), 16) : -1;
        var low = isWhole ? Character.digit(part.charAt(at + 2), 16) : -1;
        if (high < 0 || low < 0) {
          return Optional.empty();
        }
        bytes.write(high * 16 + low);
        at += 2;
      } else {
        bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
      }
    }
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray())).toString());
    } catch (CharacterCodingException _) {
      return Optional.empty();
    }
  }

  /** The path of a file as a part of a URL, relative to a page below the same root. */
  static String relative(String fileName, int depth) {
    var url = new StringBuilder(depth <= 1 ? "./" : "../".repeat(depth - 1));
    var name = fileName.startsWith("/") ? fileName.substring(1) : fileName;
    for (var b : name.getBytes(StandardCharsets.UTF_8)) {
      var c = (char) (b & 0xff);
      var isPlain = c < 0x80 && (Character.isLetterOrDigit(c) || "/-._~".indexOf(c) >= 0);
      url.append(isPlain ? String.valueOf(c) : String.format("%%%02X", (int) c));
    }
    return url.toString();
  }
}
