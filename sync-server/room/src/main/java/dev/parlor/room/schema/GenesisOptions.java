package dev.parlor.room.schema;

/**
 * The options of a new room.
 *
 * @param welcome whether the room starts with two example cards
 */
public record GenesisOptions(String title, Settings settings, boolean welcome) {

  public static GenesisOptions standard(String title) {
    return new GenesisOptions(title, Settings.standard(), true);
  }
}
