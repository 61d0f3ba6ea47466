package dev.parlor.crdt.replica;

import java.util.List;
import java.util.Optional;

/**
 * All strings that concurrent writers left at one place.
 *
 * @param standing the string that every reader sees; empty without one
 * @param hidden the other strings, in the order in which they would become visible
 */
public record TextVersions(Optional<TextVersion> standing, List<TextVersion> hidden) {

  public static final TextVersions NONE = new TextVersions(Optional.empty(), List.of());

  public TextVersions {
    hidden = List.copyOf(hidden);
  }
}
