package dev.parlor.room.schema;

import java.util.List;
import java.util.OptionalInt;

/**
 * A prompt made of a stack and a query. The model gets it, and the preview shows it.
 *
 * @param messages the chat messages in order; the last one is the query
 * @param tokensMax the smallest token limit of the cards; empty without one
 * @param text the folded stack: the content of the system message, or empty without one
 * @param cardsUsed ids of the cards that shaped the prompt, in stack order
 * @param images content ids of images, in stack order
 * @param problems unmuted cards on the stack that were left out, with the reason
 * @param omitted number of earlier pairs of question and answer that were left out for length, see
 *     {@link AnswerPath}
 */
public record FoldedPrompt(
    List<Message> messages,
    OptionalInt tokensMax,
    String text,
    List<String> cardsUsed,
    List<String> images,
    List<Problem> problems,
    int omitted) {

  /**
   * A chat message; the role is {@code system}, {@code user} or {@code assistant}.
   *
   * @param images content ids of the images that go with the message
   */
  public record Message(String role, String content, List<String> images) {
    /** Messages that an earlier version stored have no images. */
    public Message {
      images = images == null ? List.of() : List.copyOf(images);
    }

    /** A message of words alone. */
    public Message(String role, String content) {
      this(role, content, List.of());
    }

    Message withImages(List<String> others) {
      return new Message(role, content, others);
    }
  }

  public FoldedPrompt {
    messages = List.copyOf(messages);
    cardsUsed = List.copyOf(cardsUsed);
    images = List.copyOf(images);
    problems = List.copyOf(problems);
  }
}
