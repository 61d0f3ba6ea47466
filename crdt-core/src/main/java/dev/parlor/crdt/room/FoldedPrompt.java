package dev.parlor.crdt.room;

import java.util.List;
import java.util.OptionalInt;

/**
 * What a stack and a query become: exactly what the model is sent, and what the preview shows.
 *
 * @param messages the chat messages in order; the last is the query
 * @param tokensMax the request's token maximum
 * @param text the folded stack: the content of the system message, or empty when there is none
 * @param cardsUsed ids of the cards that had a say, in the order of the stack
 * @param images content ids of images in the order of the stack
 * @param problems cards that were left out though they lie unmuted on the stack, and why
 * @param omitted earlier pairs of question and answer that did not fit, see {@link AnswerPath}
 */
public record FoldedPrompt(
    List<Message> messages,
    OptionalInt tokensMax,
    String text,
    List<String> cardsUsed,
    List<String> images,
    List<Problem> problems,
    int omitted) {

  /** A chat message; the role is {@code system}, {@code user} or {@code assistant}. */
  public record Message(String role, String content) {}

  public FoldedPrompt {
    messages = List.copyOf(messages);
    cardsUsed = List.copyOf(cardsUsed);
    images = List.copyOf(images);
    problems = List.copyOf(problems);
  }
}
