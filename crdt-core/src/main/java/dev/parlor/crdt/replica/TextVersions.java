package dev.parlor.crdt.replica;

import java.util.List;
import java.util.Optional;

/**
 * All strings that concurrent writers left at one place.
 *
 * @param standing the one that every reader sees; empty when no string stands there
 * @param hidden the others, by the order in which they would stand there
 */
public record TextVersions(Optional<TextVersion> standing, List<TextVersion> hidden) {

  public static final TextVersions NONE = new TextVersions(Optional.empty(), List.of());

  public TextVersions {
    hidden = List.copyOf(hidden);
  }
}
