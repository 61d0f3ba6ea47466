package dev.parlor.server.contexts;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The text of a section for people, as Markdown. Lines of text and of code come in the order of
 * their blocks. Code stands in a fence with its language; the path of the file, if there is one,
 * stands on the line before. Of a prompt it has the last message. Pure functions; any thread.
 */
final class SectionText {

  /** The last words of a text that was shortened. */
  static final String SHORTENED = "shown short";

  private static final String END = "\n\n… (" + SHORTENED + ")";

  /** A language or path of another form could end the line of the fence; it is left out. */
  private static final Pattern LANGUAGE = Pattern.compile("[A-Za-z0-9+#._-]{1,40}");

  private static final Pattern PATH = Pattern.compile("[\\x21-\\x7e&&[^`]]{1,200}");
  private static final Pattern BACKQUOTES = Pattern.compile("`{3,}");
  private static final Pattern LONE_SURROGATE = Pattern.compile("\\p{Cs}");

  private SectionText() {}

  /** A run of lines: plain text, or the code of one block. */
  private record Part(Optional<Code> code, List<String> lines) {
    static Part ofText() {
      return new Part(Optional.empty(), new ArrayList<>());
    }

    static Part ofCode(JsonNode block) {
      return new Part(
          Optional.of(new Code(field(block, "lang", LANGUAGE), field(block, "path", PATH))),
          new ArrayList<>());
    }

    private static String field(JsonNode block, String name, Pattern form) {
      var value = block.path(name).asText("");
      return form.matcher(value).matches() ? value : "";
    }

    String text() {
      return clean(String.join("\n", lines));
    }

    String opening() {
      return code.map(
              found ->
                  (found.path().isEmpty() ? "" : found.path() + "\n")
                      + fence()
                      + found.language()
                      + "\n")
          .orElse("");
    }

    String closing() {
      return code.isPresent() ? "\n" + fence() + "\n" : "\n";
    }

    /** The line of a fence: longer than each run of backquotes in the code, at least three. */
    private String fence() {
      var longest =
          BACKQUOTES
              .matcher(String.join("\n", lines))
              .results()
              .mapToInt(found -> found.end() - found.start())
              .max()
              .orElse(2);
      return "`".repeat(longest + 1);
    }
  }

  private record Code(String language, String path) {}

  /**
   * The text of a section.
   *
   * @param lengthMax the maximum number of characters (UTF-16 units); a longer text is cut and ends
   *     with {@value #SHORTENED}
   * @return the text; empty if the section has no words
   */
  static String of(List<JsonNode> blocks, int lengthMax) {
    var parts = parts(blocks).stream().filter(part -> !part.lines().isEmpty()).toList();
    var out = new StringBuilder();
    parts.forEach(part -> out.append(part.opening()).append(part.text()).append(part.closing()));
    var whole = out.toString().strip();
    return whole.length() <= lengthMax ? whole : shortened(parts, lengthMax - END.length()) + END;
  }

  /** The parts up to this number of characters; a cut code keeps the end of its fence. */
  private static String shortened(List<Part> parts, int lengthMax) {
    var out = new StringBuilder();
    for (var part : parts) {
      var text = part.text();
      var space = lengthMax - out.length() - part.opening().length() - part.closing().length();
      if (space >= text.length()) {
        out.append(part.opening()).append(text).append(part.closing());
      } else {
        if (space > 0) {
          var end = Character.isHighSurrogate(text.charAt(space - 1)) ? space - 1 : space;
          out.append(part.opening()).append(text, 0, end).append(part.closing());
        }
        break;
      }
    }
    return out.toString().strip();
  }

  /** A document holds no half of a surrogate pair. */
  private static String clean(String text) {
    return LONE_SURROGATE.matcher(text).replaceAll("\uFFFD");
  }

  private static List<Part> parts(List<JsonNode> blocks) {
    var parts = new ArrayList<Part>();
    var last = Part.ofText(); // The part that the next line may belong to.
    for (var block : blocks) {
      var type = block.path("type").asText("");
      switch (type) {
        case "prompt.txt", "prompt.req" -> {
          last = add(parts, Part.ofText());
          lastMessage(block).lines().forEach(last.lines()::add);
        }
        case "block.code.begin" -> last = add(parts, Part.ofCode(block));
        case "block.code.line" -> {
          if (last.code().isEmpty()) {
            last = add(parts, Part.ofCode(block));
          }
          last.lines().add(block.path("line").asText(""));
        }
        case "block.code.end", "block.code.truncated" -> last = add(parts, Part.ofText());
        case "block.toplevel.line" -> {
          if (last.code().isPresent() || parts.isEmpty()) {
            last = add(parts, Part.ofText());
          }
          last.lines().add(block.path("line").asText(""));
        }
        default -> {
          // The other types have no words for people.
        }
      }
    }
    return parts;
  }

  private static Part add(List<Part> parts, Part part) {
    parts.add(part);
    return part;
  }

  /** The text of a prompt's last message. Its content is a text, or a list of parts with texts. */
  private static String lastMessage(JsonNode prompt) {
    var messages = prompt.path("request").path("messages");
    var content = messages.path(messages.size() - 1).path("content");
    if (content.isTextual()) {
      return content.asText();
    }
    var texts = new ArrayList<String>();
    content.forEach(
        part -> {
          if (part.path("type").asText("").equals("text")) {
            texts.add(part.path("text").asText(""));
          }
        });
    return String.join("\n", texts);
  }
}
