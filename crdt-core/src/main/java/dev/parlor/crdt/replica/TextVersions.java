package dev.parlor.crdt.replica;

import java.util.List;
import java.util.Optional;

/**
 * All strings that concurrent writers put at one path.
 *
 * @param visible the string that readers of the document see; empty if the visible value is not a
 *     string
 * @param hidden the other strings; if the visible value is removed, the first becomes visible
 */
public record TextVersions(Optional<TextVersion> visible, List<TextVersion> hidden) {

  public static final TextVersions NONE = new TextVersions(Optional.empty(), List.of());

  public TextVersions {
    hidden = List.copyOf(hidden);
  }
}
