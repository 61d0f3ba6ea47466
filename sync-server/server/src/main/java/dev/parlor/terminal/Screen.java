package dev.parlor.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.stream.Collectors;

/**
 * Prints what happens in the room, one line each. The text of an answer is printed as it arrives;
 * other lines wait until its line has ended. Control characters of others are left out, so that a
 * message cannot change the terminal. Used by one thread at a time.
 */
final class Screen {
  private final PrintStream out;
  private String answering = "";
  private final StringBuilder later = new StringBuilder();

  Screen(PrintStream out) {
    this.out = out;
  }

  void line(String text) {
    if (answering.isEmpty()) {
      out.println(clean(text));
      out.flush();
    } else {
      later.append(clean(text)).append('\n');
    }
  }

  /** Prints a piece of an answer. Pieces of a second answer at the same time are left out. */
  void piece(String request, String text) {
    if (answering.isEmpty()) {
      answering = request;
      out.print("answer> ");
    }
    if (answering.equals(request)) {
      out.print(clean(text));
      out.flush();
    }
  }

  /** Ends the line of an answer. */
  void answered(String request) {
    if (answering.equals(request)) {
      answering = "";
      out.println();
      out.print(later);
      later.setLength(0);
      out.flush();
    }
  }

  /** The text without control characters, except line breaks and tabs. */
  static String clean(String text) {
    return text.codePoints()
        .filter(
            c ->
                c == '\n'
                    || c == '\t'
                    || (!Character.isISOControl(c)
                        && Character.getType(c) != Character.FORMAT
                        && c != 0x2028
                        && c != 0x2029))
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }

  // Parts of the room.

  void people(JsonNode state) {
    var names = new ArrayList<String>();
    state
        .path("people")
        .forEach(
            person ->
                names.add(
                    person.path("name").asText()
                        + (person.path("away").asBoolean() ? " (away)" : "")
                        + (person.path("onTurn").asBoolean() ? " (on turn)" : "")));
    line(names.size() + " people: " + String.join(", ", names));
  }

  void stack(JsonNode state) {
    var cards = new ArrayList<JsonNode>();
    state.path("cards").forEach(cards::add);
    cards.removeIf(card -> card.hasNonNull("removedBy"));
    cards.sort(Comparator.comparing(card -> card.path("order").asText()));
    line("the stack has " + cards.size() + " cards");
    cards.forEach(
        card ->
            line(
                "  ["
                    + card.path("type").asText()
                    + "] "
                    + card.path("text").asText()
                    + (card.path("muted").asBoolean() ? " (muted)" : "")));
  }

  void windows(JsonNode state) {
    state
        .path("windows")
        .properties()
        .forEach(
            each ->
                line(
                    "  "
                        + each.getValue().path("title").asText()
                        + " at "
                        + each.getValue().path("pos").asText()
                        + ", "
                        + each.getValue().path("state").asText()));
  }
}
