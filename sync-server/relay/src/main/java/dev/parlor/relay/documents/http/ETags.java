package dev.parlor.relay.documents.http;

import dev.parlor.crdt.identity.ChangeHash;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Entity tags of documents. The tag of a state consists of its heads, ascending, so that it changes
 * exactly when the document changes.
 */
final class ETags {
  private ETags() {}

  static String of(List<ChangeHash> heads) {
    return heads.stream().map(ChangeHash::toString).collect(Collectors.joining(".", "\"", "\""));
  }

  /** Whether an If-None-Match header contains the tag. Uses weak comparison (RFC 9110, 13.1.2). */
  static boolean matches(String ifNoneMatch, String etag) {
    return Arrays.stream(ifNoneMatch.split(",", -1))
        .map(String::strip)
        .anyMatch(tag -> tag.equals("*") || tag.equals(etag) || tag.equals("W/" + etag));
  }

  /** Whether an If-Match header contains the tag. Uses strong comparison (RFC 9110, 13.1.1). */
  static boolean matchesStrongly(String ifMatch, String etag) {
    return Arrays.stream(ifMatch.split(",", -1))
        .map(String::strip)
        .anyMatch(tag -> tag.equals("*") || tag.equals(etag));
  }
}
