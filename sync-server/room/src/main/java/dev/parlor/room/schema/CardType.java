package dev.parlor.room.schema;

/** The effect of a card on the prompt; see {@link PromptFold}. */
public enum CardType implements Named {
  ROLE("role"),
  TONE("tone"),
  TOKEN_LIMIT("token-limit"),
  FORMAT("format"),
  CONSTRAINT("constraint"),
  CUSTOM("custom"),
  IMAGE("image"),
  REMOVE("remove");

  private final String wire;

  CardType(String wire) {
    this.wire = wire;
  }

  @Override
  public String wire() {
    return wire;
  }
}
