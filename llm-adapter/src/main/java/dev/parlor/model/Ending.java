package dev.parlor.model;

import java.util.Locale;

/** How an answer ended. */
public enum Ending {
  /** The model said everything. */
  COMPLETE,
  /** A limit on tokens was reached: that of the request, or the model's own. */
  LENGTH,
  /** The provider's filter stopped the answer. */
  CONTENT_FILTER,
  /** The model declined; its words come beside. */
  REFUSAL,
  /** The model asked for a tool or function. */
  TOOL_CALLS,
  /** Another word of the provider, which comes beside. */
  OTHER,
  /** The model thought and wrote no answer. */
  THOUGHTS,
  /** The model wrote nothing, or only blanks. */
  EMPTY,
  /** The connection broke before the model said that it is done. */
  CUT,
  /** The provider or the model failed. */
  ERROR;

  /**
   * What a provider means by a {@code finish_reason}: the words of OpenAI's interface, and those of
   * endpoints that imitate it and pass on the words of their own.
   */
  static Ending ofFinish(String reason) {
    return switch (reason.strip().toLowerCase(Locale.ROOT).replace('-', '_')) {
      case "stop",
          "end_turn",
          "end",
          "eos",
          "eos_token",
          "stop_sequence",
          "complete",
          "completed" ->
          COMPLETE;
      case "length", "max_tokens", "max_output_tokens", "max_completion_tokens", "model_length" ->
          LENGTH;
      case "content_filter", "content_filtered", "safety", "recitation", "prohibited_content" ->
          CONTENT_FILTER;
      case "refusal" -> REFUSAL;
      case "tool_calls", "tool_call", "tool_use", "function_call" -> TOOL_CALLS;
      case "error", "failed" -> ERROR;
      default -> OTHER;
    };
  }
}
