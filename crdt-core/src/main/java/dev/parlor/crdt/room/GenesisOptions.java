package dev.parlor.crdt.room;

/**
 * What a new room starts with.
 *
 * @param welcome whether the two example cards and the note's first words are laid out
 */
public record GenesisOptions(String title, Settings settings, boolean welcome) {

  public static GenesisOptions standard(String title) {
    return new GenesisOptions(title, Settings.standard(), true);
  }
}
