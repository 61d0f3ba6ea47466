package dev.parlor.relay.stream;

import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.relay.config.FixedLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The id of an event: the heads of the document, separated by dots. */
public final class StreamPosition {

  /** The id of an event with too many heads; a stream cannot go on from there. */
  private static final String MANY = "many";

  private StreamPosition() {}

  /** The id of an event with these heads. */
  public static String of(List<ChangeHash> heads) {
    return heads.size() > FixedLimits.STREAM_ID_HEADS_MAX
        ? MANY
        : heads.stream().map(ChangeHash::toString).collect(Collectors.joining("."));
  }

  /** The heads of an id; empty if it has none. */
  static Optional<List<ChangeHash>> parse(String id) {
    var heads = new ArrayList<ChangeHash>();
    for (var part : id.split("\\.", FixedLimits.STREAM_ID_HEADS_MAX + 1)) {
      if (!(ChangeHash.parse(part) instanceof Decoding.Decoded<ChangeHash>(var head))) {
        return Optional.empty();
      }
      heads.add(head);
    }
    return Optional.of(heads);
  }
}
