package dev.parlor.model;

import java.util.Locale;

/** How an answer ended. */
public enum ModelEnding {
  /** The model finished its answer. */
  COMPLETE,
  /** The answer reached the token limit of the request or of the model. */
  LENGTH,
  /** The provider's filter stopped the answer. */
  CONTENT_FILTER,
  /** The model declined; {@link ModelEvent.Done#detail} has the model's reason. */
  REFUSAL,
  /** The model called a tool or function. */
  TOOL_CALLS,
  /** The provider sent an unknown finish reason, see {@link ModelEvent.Done#detail}. */
  OTHER,
  /** The model produced thoughts but no answer. */
  THOUGHTS,
  /** The answer is empty or blank. */
  EMPTY,
  /** The connection ended before the model reported the end of the answer. */
  CUT,
  /** The provider or the model failed. */
  ERROR;

  /**
   * Maps a provider's {@code finish_reason} to an ending. Recognizes the reasons of OpenAI's
   * interface, and the different reasons of compatible endpoints.
   */
  static ModelEnding ofFinish(String reason) {
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
      case "length",
          "max_tokens",
          "max_output_tokens",
          "max_completion_tokens",
          "model_length",
          "model_context_window_exceeded" ->
          LENGTH;
      case "content_filter",
          "content_filtered",
          "safety",
          "recitation",
          "prohibited_content",
          "sensitive" ->
          CONTENT_FILTER;
      case "refusal" -> REFUSAL;
      case "tool_calls", "tool_call", "tool_use", "function_call" -> TOOL_CALLS;
      case "error", "failed" -> ERROR;
      default -> OTHER;
    };
  }
}
