package dev.parlor.room.http;

import dev.parlor.crdt.identity.ChangeHash;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Creates and compares entity tags. The tag of a document consists of its heads, so the tag changes
 * exactly when the document changes.
 */
final class ETags {
  private ETags() {}

  /**
   * The tag of these heads: all heads, complete and sorted, so that different states have different
   * tags.
   */
  static String of(List<ChangeHash> heads) {
    return heads.stream()
        .sorted()
        .map(ChangeHash::toString)
        .collect(Collectors.joining(".", "\"", "\""));
  }

  /** Whether an If-None-Match header contains the tag. Uses weak comparison (RFC 9110, 13.1.2). */
  static boolean matches(String ifNoneMatch, String etag) {
    return Arrays.stream(ifNoneMatch.split(",", -1))
        .map(String::strip)
        .anyMatch(tag -> tag.equals("*") || tag.equals(etag) || tag.equals("W/" + etag));
  }
}
