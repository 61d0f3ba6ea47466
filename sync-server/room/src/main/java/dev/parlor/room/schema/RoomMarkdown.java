package dev.parlor.room.schema;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes a room as a Markdown transcript for people. Times are in UTC. Answers of the model are
 * Markdown already and are copied unchanged. All other texts are escaped.
 */
public final class RoomMarkdown {

  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** The last instant that the format can write. */
  private static final long MILLIS_MAX = 253_402_300_799_999L;

  private final RoomView room;
  private final Map<String, String> names = new HashMap<>();
  private final StringBuilder out = new StringBuilder();

  private RoomMarkdown(RoomView room) {
    this.room = room;
    room.participants().forEach(person -> names.put(person.identity(), person.name()));
    names.putIfAbsent(RoomSchema.PARLOR, "Parlor");
  }

  public static String of(RoomView room) {
    var markdown = new RoomMarkdown(room);
    markdown.write();
    return markdown.out.toString();
  }

  private void write() {
    var title = room.title().isBlank() ? "Untitled room" : room.title();
    out.append("# ").append(escaped(title)).append('\n');
    people();
    stack();
    results();
    chat();
    notes();
  }

  private void heading(String text) {
    out.append("\n## ").append(text).append("\n\n");
  }

  private void people() {
    if (!room.participants().isEmpty()) {
      heading("People");
      for (var person : room.participants()) {
        out.append("- %s (%s)\n".formatted(escaped(person.name()), person.role().wire()));
      }
    }
  }

  private void stack() {
    if (room.cards().isEmpty()) {
      return;
    }
    heading("Stack");
    for (var card : room.cards()) {
      var details = new ArrayList<String>();
      details.add(name(card.by()));
      details.add(time(card.at()));
      if (card.muted()) {
        details.add("muted");
      }
      var removedBy = card.removedBy();
      if (removedBy != null) {
        details.add("removed by " + name(removedBy));
      }
      out.append(
          "1. **%s** %s (%s)\n"
              .formatted(card.type().wire(), escaped(card.text()), String.join(", ", details)));
    }
  }

  private void results() {
    var shown =
        room.results().stream().filter(result -> result.status() != Result.Status.REFUSED).toList();
    if (shown.isEmpty()) {
      return;
    }
    heading("Results");
    var first = true;
    for (var result : shown) {
      out.append(first ? "" : "\n");
      first = false;
      out.append("### %s, %s\n\n".formatted(name(result.by()), time(result.startedAt())));
      out.append(quote(result.query())).append('\n');
      if (!result.text().isBlank()) {
        out.append(result.text().strip()).append("\n\n");
      }
      out.append("*%s*\n".formatted(String.join(", ", details(result))));
    }
  }

  private static List<String> details(Result result) {
    var details = new ArrayList<String>();
    details.add(result.status().wire());
    var ending = result.ending();
    if (ending != null && ending != Ending.COMPLETE && !ending.wire().equals(details.getFirst())) {
      details.add(escaped(ending.wire()));
    }
    var reason = result.reason();
    if (reason != null) {
      details.add(escaped(reason));
    }
    if (!result.model().isBlank()) {
      details.add(escaped(result.model()));
    }
    var usage = result.usage();
    if (usage != null) {
      details.add(
          "%s%d + %d tokens"
              .formatted(
                  usage.estimated() ? "about " : "",
                  usage.promptTokens(),
                  usage.completionTokens()));
    }
    return details;
  }

  private void chat() {
    var shown = room.chat().stream().filter(entry -> !entry.isDeleted()).toList();
    if (!shown.isEmpty()) {
      heading("Chat");
      for (var entry : shown) {
        out.append(
            "- **%s** (%s): %s\n"
                .formatted(speaker(entry), time(entry.at()), escaped(words(entry))));
      }
    }
  }

  /** The text of an entry, behind it the description of its image. */
  private static String words(ChatEntry entry) {
    if (entry.image() == null) {
      return entry.text();
    }
    var alt = entry.alt();
    var image = alt == null || alt.isBlank() ? "(image)" : "(image: " + alt + ")";
    return entry.text().isBlank() ? image : entry.text() + " " + image;
  }

  private String speaker(ChatEntry entry) {
    var name = name(entry.by());
    return entry.kind() == ChatEntry.Kind.PROGRAM ? name + "'s program" : name;
  }

  private void notes() {
    for (var note : room.notes()) {
      if (!note.text().isBlank()) {
        var title =
            room.windows().stream()
                .filter(window -> note.id().equals(window.ref()))
                .map(RoomWindow::title)
                .filter(text -> !text.isBlank())
                .findFirst()
                .orElse("Note");
        heading("Note: " + escaped(title));
        out.append(quote(note.text()));
      }
    }
  }

  private String name(String identity) {
    return escaped(names.getOrDefault(identity, GuestName.of(identity).name()));
  }

  private static String time(long millis) {
    return MINUTE.format(Instant.ofEpochMilli(Math.min(millis, MILLIS_MAX))) + " UTC";
  }

  /** One line, with Markdown and HTML markup escaped. */
  private static String escaped(String text) {
    var escaped = new StringBuilder();
    text.strip()
        .replaceAll("\\s+", " ")
        .codePoints()
        .forEach(
            c -> {
              if ("\\`*_[]<>#|".indexOf(c) >= 0) {
                escaped.append('\\');
              }
              escaped.appendCodePoint(c);
            });
    return escaped.toString();
  }

  private static String quote(String text) {
    var quoted = new StringBuilder();
    text.strip().lines().forEach(line -> quoted.append("> ").append(escaped(line)).append('\n'));
    return quoted.toString();
  }
}
