package dev.parlor.room.schema;

import dev.parlor.crdt.identity.Texts;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * Text or an image that goes with a question (rules GE17 and PF10 of {@code docs/room.md}). A
 * request names a note by its id. {@link #frozen} adds the note's title and words; the result keeps
 * these.
 *
 * @param id the note's id or the image's content id; empty for a quoted text
 * @param title the note's title; empty for others and before {@link #frozen}
 * @param text the words, or the description of an image; empty for a note before {@link #frozen}
 * @param from the place of a quoted text: {@code result:}, {@code note:}, {@code card:} or {@code
 *     chat:} and an id, or null
 */
public record Attachment(Kind kind, String id, String title, String text, @Nullable String from) {
  /** Every text is made well-formed here, so that ledger, document and HTTP agree. */
  public Attachment {
    id = Texts.wellFormed(id);
    title = Texts.wellFormed(title);
    text = Texts.wellFormed(text);
    from = from == null ? null : Texts.wellFormed(from);
  }

  /** The kinds of attachments. */
  public enum Kind implements Named {
    NOTE("note"),
    TEXT("text"),
    IMAGE("image");

    private final String wire;

    Kind(String wire) {
      this.wire = wire;
    }

    @Override
    public String wire() {
      return wire;
    }
  }

  /** A note of the room, without its words. */
  public static Attachment note(String id) {
    return new Attachment(Kind.NOTE, id, "", "", null);
  }

  /** A quoted text. */
  public static Attachment text(String text, @Nullable String from) {
    return new Attachment(Kind.TEXT, "", "", text, from);
  }

  /** An image of the room, with words that describe it. */
  public static Attachment image(String id, String alt) {
    return new Attachment(Kind.IMAGE, id, "", alt, null);
  }

  /** This attachment with the present title and words of its note. */
  Attachment frozen(RoomView room) {
    if (kind != Kind.NOTE) {
      return this;
    }
    var words = room.note(id).map(Note::text).orElse("");
    var name =
        room.windows().stream()
            .filter(window -> window.type() == RoomWindow.Type.NOTE && id.equals(window.ref()))
            .min(Comparator.comparing(RoomWindow::id))
            .map(RoomWindow::title)
            .orElse("");
    return new Attachment(kind, id, name, words, null);
  }

  /** The block of this attachment in the question's message [PF10]; empty for a blank text. */
  String block() {
    var words = text.replace("\r\n", "\n").replace('\r', '\n').strip();
    if (words.isEmpty()) {
      return "";
    }
    return switch (kind) {
      case NOTE -> tag("note", RoomFields.TITLE, title, words);
      case IMAGE -> tag(RoomFields.IMAGE, "", "", words);
      case TEXT -> tag("quote", RoomFields.FROM, source(), words);
    };
  }

  private static String tag(String name, String attribute, String value, String words) {
    var quoted = value.replace('"', '\'').replaceAll("[\\r\\n]", " ");
    var attributes = quoted.isEmpty() ? "" : " " + attribute + "=\"" + quoted + "\"";
    return "<" + name + attributes + ">\n" + words + "\n</" + name + ">\n\n";
  }

  private String source() {
    if (from == null) {
      return "";
    }
    return switch (from.substring(0, from.indexOf(':') + 1)) {
      case "result:" -> "an earlier answer";
      case "note:" -> "a note";
      case "card:" -> "a card";
      case "chat:" -> "the chat";
      default -> "";
    };
  }
}
