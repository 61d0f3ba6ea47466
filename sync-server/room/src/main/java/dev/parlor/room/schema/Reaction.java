package dev.parlor.room.schema;

import java.util.Comparator;
import java.util.List;

/**
 * A vote or another sign of one person on a card, an answer or a chat message (rule RX1 of {@code
 * docs/room.md}).
 *
 * @param target {@code card:}, {@code result:} or {@code chat:} and an id
 * @param sign the name of the sign; {@code up} is a vote
 */
public record Reaction(String target, String sign, String by, long at) {
  /** The signs that pages show. */
  public static final List<String> SIGNS = List.of("up", "heart", "laugh", "party", "eyes", "done");

  static final Comparator<Reaction> IN_ORDER =
      Comparator.comparing(Reaction::target)
          .thenComparing(Reaction::sign)
          .thenComparingLong(Reaction::at)
          .thenComparing(Reaction::by);
}
