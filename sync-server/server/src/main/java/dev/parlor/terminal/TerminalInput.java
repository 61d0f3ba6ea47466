package dev.parlor.terminal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.regex.Pattern;

/** Turns the lines of a person into commands. Used by the main thread. */
final class TerminalInput {
  static final String HELP =
      """
      /say TEXT           write in the chat (so does a line without a slash)
      /play TYPE TEXT     play a card: role, tone, constraint, format, token-limit, custom
      /ask QUESTION       ask the model
      /stop               stop the answer
      /move WINDOW X Y    move a window, by its title
      /people /stack /windows   show a part of the room
      /quit               leave""";

  private static final Pattern MOVE = Pattern.compile("(.+?)\\s+(-?\\d{1,7})\\s+(-?\\d{1,7})");

  private final TerminalClient client;

  TerminalInput(TerminalClient client) {
    this.client = client;
  }

  /** Carries out a line; returns false if the person leaves. */
  boolean line(String line) {
    var text = line.strip();
    if (text.isEmpty()) {
      return true;
    }
    if (!text.startsWith("/")) {
      run("chat", Map.of("text", text));
      return true;
    }
    var space = text.indexOf(' ');
    var name = space < 0 ? text : text.substring(0, space);
    var rest = space < 0 ? "" : text.substring(space + 1).strip();
    switch (name) {
      case "/say" -> run("chat", Map.of("text", rest));
      case "/ask" -> run("generate", Map.of("query", rest));
      case "/stop" -> run("stop", Map.of());
      case "/play" -> play(rest);
      case "/move" -> move(rest);
      case "/people" -> show("people");
      case "/stack" -> show("stack");
      case "/windows" -> show("windows");
      case "/help" -> client.print(screen -> screen.line(HELP));
      case "/quit" -> {
        return false;
      }
      default -> problem("there is no command " + name + "; /help lists them");
    }
    return true;
  }

  private void show(String part) {
    var state = client.state();
    client.print(
        screen -> {
          switch (part) {
            case "people" -> screen.people(state);
            case "stack" -> screen.stack(state);
            default -> screen.windows(state);
          }
        });
  }

  private void play(String rest) {
    var space = rest.indexOf(' ');
    if (space < 0) {
      problem("/play needs a type and a text, for example /play tone Dry");
      return;
    }
    run("play", Map.of("cardType", rest.substring(0, space), "text", rest.substring(space + 1)));
  }

  private void move(String rest) {
    var parts = MOVE.matcher(rest);
    if (!parts.matches()) {
      problem("/move needs a window's title and two numbers, for example /move Chat 40 40");
      return;
    }
    var title = parts.group(1);
    var id =
        client.state().path("windows").properties().stream()
            .filter(each -> each.getValue().path("title").asText().equalsIgnoreCase(title))
            .map(Map.Entry::getKey)
            .findFirst();
    if (id.isEmpty()) {
      problem("there is no window " + title + "; /windows lists them");
      return;
    }
    var command = command("window_move").put("window", id.get());
    command.put("x", Integer.parseInt(parts.group(2)));
    client.run(command.put("y", Integer.parseInt(parts.group(3))));
  }

  private void run(String type, Map<String, String> fields) {
    var command = command(type);
    fields.forEach(command::put);
    client.run(command);
  }

  private ObjectNode command(String type) {
    return client.json().createObjectNode().put("type", type);
  }

  private void problem(String sentence) {
    client.print(screen -> screen.line("! " + sentence));
  }
}
