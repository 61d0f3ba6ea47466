package dev.parlor.server.http;

import dev.parlor.crdt.identity.ChangeHash;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Entity tags: a document's is its heads, so that it is unchanged exactly when they are. */
final class ETags {
  private ETags() {}

  /** The heads in order, each in full: no two states share a tag. */
  static String of(List<ChangeHash> heads) {
    return heads.stream()
        .sorted()
        .map(ChangeHash::toString)
        .collect(Collectors.joining(".", "\"", "\""));
  }

  /**
   * Whether an If-None-Match holds the tag; weak tags compare as strong ones (RFC 9110, 13.1.2).
   */
  static boolean matches(String ifNoneMatch, String etag) {
    return Arrays.stream(ifNoneMatch.split(",", -1))
        .map(String::strip)
        .anyMatch(tag -> tag.equals("*") || tag.equals(etag) || tag.equals("W/" + etag));
  }
}
