package dev.parlor.room.schema;

/**
 * The reason why an answer ended, for programs; {@link Result.Status} is coarser. The first values
 * come from the provider, with the spelling of its {@code finish_reason} if there is one.
 */
public enum Ending implements Named {
  /** The model completed its answer. */
  COMPLETE("complete"),
  /** A token limit was reached: the request's or the model's own. */
  LENGTH("length"),
  /** The provider's filter stopped the answer. */
  CONTENT_FILTER("content_filter"),
  /** The model refused to answer; the reason has its explanation. */
  REFUSAL("refusal"),
  /** The model requested a tool or function; rooms have none. */
  TOOL_CALLS("tool_calls"),
  /** Another ending from the provider, quoted in the reason. */
  OTHER("other"),
  /** The model produced reasoning but no answer. */
  THOUGHTS("thoughts"),
  /** The answer is empty or blank. */
  EMPTY("empty"),
  /** The connection broke before the model completed its answer. */
  CUT("cut"),
  /** The provider, the model or this server failed. */
  ERROR("error"),
  /** A person stopped the run. */
  STOPPED("stopped"),
  /** The server stopped, or the lease expired. */
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
