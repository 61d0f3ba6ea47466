package dev.parlor.model;

import java.util.List;
import java.util.OptionalInt;

/**
 * What is asked of a model.
 *
 * @param model the provider's model name
 * @param messages in the order they are sent
 * @param tokensMax upper bound of the answer in tokens, when somebody set one
 */
public record ModelRequest(String model, List<Message> messages, OptionalInt tokensMax) {
  public ModelRequest {
    messages = List.copyOf(messages);
  }

  /** One chat message; {@code role} is {@code system}, {@code user} or {@code assistant}. */
  public record Message(String role, String content) {}
}
