package dev.parlor.crdt.room;

/**
 * How an answer ended, for programs; {@link Result.Status} is coarser. The first ones are the
 * provider's word, in the spelling of its {@code finish_reason} where it has one.
 */
public enum Ending implements Named {
  /** The model said everything. */
  COMPLETE("complete"),
  /** A limit on tokens was reached: that of the request, or the model's own. */
  LENGTH("length"),
  /** The provider's filter stopped the answer. */
  CONTENT_FILTER("content_filter"),
  /** The model declined; its words are in the reason. */
  REFUSAL("refusal"),
  /** The model asked for a tool or function; rooms have none. */
  TOOL_CALLS("tool_calls"),
  /** Another word of the provider, quoted in the reason. */
  OTHER("other"),
  /** The model thought and wrote no answer. */
  THOUGHTS("thoughts"),
  /** The model wrote nothing, or only blanks. */
  EMPTY("empty"),
  /** The connection broke before the model said that it is done. */
  CUT("cut"),
  /** The provider, the model or this server failed. */
  ERROR("error"),
  /** A person stopped it. */
  STOPPED("stopped"),
  /** The server stopped, or the lease ran out. */
  INTERRUPTED("interrupted");

  private final String wire;

  Ending(String wire) {
    this.wire = wire;
  }

  @Override
  public String wire() {
    return wire;
  }
}
