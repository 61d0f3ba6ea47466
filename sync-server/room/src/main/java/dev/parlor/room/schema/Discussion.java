package dev.parlor.room.schema;

import java.util.ArrayList;
import java.util.List;

/**
 * The comments and reactions of a room.
 *
 * @param comments oldest first
 * @param reactions by target and sign
 */
public record Discussion(List<Comment> comments, List<Reaction> reactions) {
  public static final Discussion NONE = new Discussion(List.of(), List.of());

  public Discussion {
    comments = new ArrayList<>(comments);
    comments.sort(Comment.BY_TIME);
    comments = List.copyOf(comments);
    reactions = new ArrayList<>(reactions);
    reactions.sort(Reaction.IN_ORDER);
    reactions = List.copyOf(reactions);
  }
}
