package dev.parlor.room.schema;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A played card.
 *
 * @param image content id of an image, or null
 * @param by identity of the author
 * @param at milliseconds since the epoch
 * @param order fractional index within the stack; equal keys are ordered by id
 * @param turn the turn that this play claims, or null
 * @param removedBy identity of the person who removed the card from the stack, or null while it is
 *     on the stack
 */
public record Card(
    String id,
    CardType type,
    String text,
    @Nullable String image,
    String by,
    long at,
    String order,
    @Nullable Integer turn,
    boolean muted,
    @Nullable String removedBy) {

  /** The order of the stack: by the code units of the order key, then by id. */
  public static final Comparator<Card> IN_ORDER =
      Comparator.comparing(Card::order).thenComparing(Card::id);

  /** Whether the card is on the stack and not muted by a person. */
  public boolean isActive() {
    return removedBy == null && !muted;
  }
}
