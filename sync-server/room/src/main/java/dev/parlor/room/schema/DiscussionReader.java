package dev.parlor.room.schema;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads comments, reactions, and the authors' edits of chat messages. An entry whose key names no
 * author is left out.
 */
final class DiscussionReader {
  private static final int SHORT_MAX = RoomLimits.SHORT_LENGTH_MAX;

  private DiscussionReader() {}

  static Discussion discussion(FieldReader fields) {
    return new Discussion(comments(fields), reactions(fields));
  }

  private static List<Comment> comments(FieldReader fields) {
    return fields.entriesOrNone(RoomFields.COMMENTS, DiscussionReader::comment).stream()
        .filter(comment -> !comment.by().isEmpty())
        .toList();
  }

  private static Comment comment(String key, FieldReader fields) {
    return new Comment(
        key,
        OwnKey.author(key, 1),
        fields.integer(RoomFields.AT, 0, RoomLimits.INTEGER_MAX, 0),
        fields.string(RoomFields.TARGET, SHORT_MAX, ""),
        fields.stringOrNull(RoomFields.THREAD, SHORT_MAX),
        orEmpty(fields, RoomFields.QUOTED, RoomLimits.COMMENT_QUOTE_LENGTH_MAX),
        orEmpty(fields, RoomFields.START, SHORT_MAX),
        orEmpty(fields, RoomFields.END, SHORT_MAX),
        fields.string(RoomFields.TEXT, RoomLimits.COMMENT_LENGTH_MAX, ""),
        resolved(fields.mapOrNull(RoomFields.RESOLVED)));
  }

  private static String orEmpty(FieldReader fields, String key, int lengthMax) {
    return Objects.requireNonNullElse(fields.stringOrNull(key, lengthMax), "");
  }

  private static Comment.@Nullable Resolved resolved(@Nullable FieldReader fields) {
    return fields == null
        ? null
        : new Comment.Resolved(
            fields.string(RoomFields.BY, SHORT_MAX, ""),
            fields.integer(RoomFields.AT, 0, RoomLimits.INTEGER_MAX, 0));
  }

  private static List<Reaction> reactions(FieldReader fields) {
    var all = new ArrayList<Reaction>();
    fields
        .integersOrNone(RoomFields.REACTIONS)
        .forEach(
            (key, at) -> {
              var by = OwnKey.author(key, 2);
              if (!by.isEmpty()) {
                all.add(new Reaction(OwnKey.part(key, 0), OwnKey.part(key, 1), by, at));
              }
            });
    return all;
  }

  /** An author's later text of a chat message. */
  private record ChatEdit(String key, String text, long at) {}

  /** The chat with the edits of its authors. A message whose author deleted it has no text. */
  static List<ChatEntry> edited(List<ChatEntry> chat, FieldReader fields) {
    var edits = new HashMap<String, ChatEdit>();
    for (var edit : fields.entriesOrNone(RoomFields.EDITS, DiscussionReader::chatEdit)) {
      edits.put(edit.key, edit);
    }
    return edits.isEmpty() ? chat : chat.stream().map(entry -> edited(entry, edits)).toList();
  }

  private static ChatEdit chatEdit(String key, FieldReader fields) {
    return new ChatEdit(
        key,
        fields.string(RoomFields.TEXT, RoomLimits.CHAT_LENGTH_MAX, ""),
        fields.integer(RoomFields.AT, 0, RoomLimits.INTEGER_MAX, 0));
  }

  private static ChatEntry edited(ChatEntry entry, Map<String, ChatEdit> edits) {
    var edit =
        entry.kind() == ChatEntry.Kind.SAY ? edits.get(OwnKey.of(entry.id(), entry.by())) : null;
    return edit == null ? entry : entry.edited(edit.text, edit.at);
  }
}
