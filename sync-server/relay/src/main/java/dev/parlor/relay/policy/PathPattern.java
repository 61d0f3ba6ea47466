package dev.parlor.relay.policy;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.config.FixedLimits;
import java.util.ArrayList;
import java.util.List;

/**
 * A pattern of paths in a document, for example {@code /people/{subject}/**}. The syntax is that of
 * a JSON pointer, with three segments that have a meaning of their own: {@code *} is any key or any
 * element of a list, <code>{subject}</code> is the key that equals the subject of the writer's
 * token, and {@code **} at the end is the rest of the path, which may be empty.
 *
 * @param text the pattern as the file has it
 * @param segments the segments without {@code **}
 * @param hasRest whether the pattern ends with {@code **}
 */
record PathPattern(String text, List<Segment> segments, boolean hasRest) {

  private static final String ANY = "*";
  private static final String REST = "**";
  private static final String SUBJECT = "{subject}";

  /** One step of a path. */
  sealed interface Segment {
    /** This key of a map. */
    record Key(Bytes key) implements Segment {}

    /** Every key of a map and every element of a list. */
    record Any() implements Segment {}

    /** The key of a map that equals the subject of the writer's token. */
    record Subject() implements Segment {}
  }

  PathPattern {
    segments = List.copyOf(segments);
  }

  /** Parses a pattern; fails with the end of a sentence that begins with the name of the field. */
  static PathPattern parse(String text) throws PolicySyntaxException {
    if (!text.startsWith("/")) {
      throw new PolicySyntaxException("must begin with a slash, for example /cards/*/title");
    }
    var parts = text.substring(1).split("/", -1);
    if (parts.length > FixedLimits.POLICY_SEGMENTS_MAX) {
      throw new PolicySyntaxException(
          "must have at most " + FixedLimits.POLICY_SEGMENTS_MAX + " segments");
    }
    var segments = new ArrayList<Segment>(parts.length);
    for (var i = 0; i < parts.length; i++) {
      if (parts[i].equals(REST)) {
        if (i < parts.length - 1) {
          throw new PolicySyntaxException("may have ** only as its last segment");
        }
        return new PathPattern(text, segments, true);
      }
      segments.add(segment(parts[i]));
    }
    return new PathPattern(text, segments, false);
  }

  /** Whether this pattern matches every path that the other pattern matches. */
  boolean covers(PathPattern other) {
    var own = segments.size();
    var others = other.segments.size();
    if (hasRest ? own > others : own != others || other.hasRest) {
      return false;
    }
    for (var i = 0; i < own; i++) {
      if (!(segments.get(i) instanceof Segment.Any)
          && !segments.get(i).equals(other.segments.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static Segment segment(String part) throws PolicySyntaxException {
    if (part.equals(ANY)) {
      return new Segment.Any();
    }
    if (part.equals(SUBJECT)) {
      return new Segment.Subject();
    }
    if (part.contains(ANY)) {
      throw new PolicySyntaxException(
          "may have * only as a whole segment, not in \"" + part + "\"");
    }
    if (part.contains("{") || part.contains("}")) {
      throw new PolicySyntaxException(
          "may have braces only in {subject} as a whole segment, not in \"" + part + "\"");
    }
    if (part.replace("~0", "").replace("~1", "").contains("~")) {
      throw new PolicySyntaxException("must write ~ as ~0, and a slash in a key as ~1");
    }
    return new Segment.Key(Bytes.utf8(part.replace("~1", "/").replace("~0", "~")));
  }
}
