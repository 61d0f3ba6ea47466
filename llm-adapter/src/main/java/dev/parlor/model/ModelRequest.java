package dev.parlor.model;

import java.util.List;
import java.util.OptionalInt;

/**
 * A request to a model.
 *
 * @param model the provider's model name
 * @param messages the messages in the order of sending
 * @param tokensMax maximum length of the answer in tokens, if set
 */
public record ModelRequest(String model, List<Message> messages, OptionalInt tokensMax) {
  public ModelRequest {
    messages = List.copyOf(messages);
  }

  /** One chat message; {@code role} is {@code system}, {@code user} or {@code assistant}. */
  public record Message(String role, String content) {}
}
