package dev.parlor.crdt.room;

import dev.parlor.crdt.replica.Value;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads each part of the schema with {@link FieldReader}. */
final class RoomReader {
  private static final long INTEGER_MAX = RoomLimits.INTEGER_MAX;
  private static final int SHORT = RoomLimits.SHORT_LENGTH_MAX;
  private static final int COORDINATE_MAX = 1_000_000;
  private static final int[] PLACE = {40, 40};
  private static final int[] SIZE = {320, 240};

  private RoomReader() {}

  static RoomView room(Value root) {
    var problems = new FieldReader.Problems();
    var fields = FieldReader.of(root, "", problems);
    return new RoomView(
        fields.integer("schema", 1, RoomSchema.VERSION, RoomSchema.VERSION),
        fields.string("title", RoomLimits.TITLE_LENGTH_MAX, ""),
        settings(fields.map("settings")),
        fields.each("participants", RoomReader::participant),
        fields.each("cards", RoomReader::card),
        fields.each("windows", RoomReader::window),
        fields.each("notes", RoomReader::note),
        fields.items("chat", RoomReader::chat),
        generation(fields.map("generation")),
        fields.each("results", RoomReader::result),
        problems.list());
  }

  private static Settings settings(FieldReader fields) {
    var standard = Settings.standard();
    return new Settings(
        fields.choice("turnMode", Settings.TurnMode.values(), standard.turnMode()),
        (int) fields.integer("maxPlayers", 1, RoomLimits.PLAYERS_MAX, standard.maxPlayers()),
        fields.choice("status", Settings.Status.values(), standard.status()),
        fields.choice("stackRule", Settings.StackRule.values(), standard.stackRule()),
        fields.stringOrNull("model", SHORT),
        fields.string("systemPrompt", RoomLimits.SYSTEM_PROMPT_LENGTH_MAX, ""),
        fields.flagIfThere("spectatorChat"),
        partsOff(fields));
  }

  private static Set<Settings.Part> partsOff(FieldReader fields) {
    var off = EnumSet.noneOf(Settings.Part.class);
    for (var part : Settings.Part.values()) {
      if (!fields.flagUnlessThere(part.wire())) {
        off.add(part);
      }
    }
    return off;
  }

  private static Participant participant(String identity, FieldReader fields) {
    var name = fields.string("name", RoomLimits.NAME_LENGTH_MAX, "");
    return new Participant(
        identity,
        name.isBlank() ? GuestName.of(identity).name() : name,
        fields.stringOrNull("avatar", SHORT),
        fields.stringOrNull("color", SHORT),
        fields.choice("role", Participant.Role.values(), Participant.Role.SPECTATOR),
        time(fields, "joinedAt"));
  }

  private static Card card(String id, FieldReader fields) {
    var turn = fields.integerOrNull("turn", 0, Integer.MAX_VALUE);
    return new Card(
        id,
        fields.choice("type", CardType.values(), CardType.CUSTOM),
        fields.string("text", RoomLimits.CARD_LENGTH_MAX, ""),
        fields.stringOrNull("image", SHORT),
        fields.string("by", SHORT, ""),
        time(fields, "at"),
        fields.string("order", SHORT, ""),
        turn == null ? null : (Integer) turn.intValue(),
        fields.flag("muted"),
        fields.stringOrNull("removedBy", SHORT));
  }

  static List<RoomWindow> windows(Value windows) {
    var root = FieldReader.of(Value.map("windows", windows), "", new FieldReader.Problems());
    return root.each("windows", RoomReader::window);
  }

  private static RoomWindow window(String id, FieldReader fields) {
    var place = fields.pair("pos", ',', -COORDINATE_MAX, COORDINATE_MAX, PLACE);
    var size = fields.pair("size", 'x', 1, COORDINATE_MAX, SIZE);
    return new RoomWindow(
        id,
        fields.choice("type", RoomWindow.Type.values(), RoomWindow.Type.NOTE),
        fields.string("title", RoomLimits.TITLE_LENGTH_MAX, ""),
        place[0],
        place[1],
        size[0],
        size[1],
        fields.string("z", SHORT, ""),
        fields.choice("state", RoomWindow.State.values(), RoomWindow.State.OPEN),
        fields.stringOrNull("ref", SHORT),
        fields.raw("props"),
        fields.string("by", SHORT, ""),
        time(fields, "at"));
  }

  private static Note note(String id, FieldReader fields) {
    return new Note(id, fields.string("text", RoomLimits.NOTE_LENGTH_MAX, ""));
  }

  private static ChatEntry chat(FieldReader fields) {
    return new ChatEntry(
        fields.string("id", SHORT, ""),
        fields.string("by", SHORT, ""),
        time(fields, "at"),
        fields.choice("kind", ChatEntry.Kind.values(), ChatEntry.Kind.SAY),
        fields.string("text", RoomLimits.CHAT_LENGTH_MAX, ""),
        fields.stringOrNull("replyTo", SHORT));
  }

  private static Generation generation(FieldReader fields) {
    return new Generation(
        fields.integer("epoch", 0, INTEGER_MAX, 0),
        lock(fields.mapOrNull("lock")),
        grant(fields.mapOrNull("grant")),
        stop(fields.mapOrNull("stop")));
  }

  /** A lock as a peer wrote it; {@link LockRules} finds missing fields. */
  static @Nullable Lock lock(@Nullable FieldReader fields) {
    return fields == null
        ? null
        : new Lock(
            fields.string("request", SHORT, ""),
            fields.string("by", SHORT, ""),
            time(fields, "at"),
            fields.string("query", RoomLimits.QUERY_LENGTH_MAX + 1, ""),
            fields.strings("cards", SHORT),
            fields.integer("seen", 0, INTEGER_MAX, -1),
            Objects.requireNonNullElse(fields.stringOrNull("after", SHORT), ""));
  }

  private static @Nullable Grant grant(@Nullable FieldReader fields) {
    return fields == null
        ? null
        : new Grant(
            fields.string("request", SHORT, ""),
            fields.integer("epoch", 0, INTEGER_MAX, 0),
            time(fields, "at"),
            time(fields, "leaseUntil"));
  }

  private static @Nullable Stop stop(@Nullable FieldReader fields) {
    return fields == null
        ? null
        : new Stop(
            fields.string("request", SHORT, ""),
            fields.string("by", SHORT, ""),
            time(fields, "at"));
  }

  private static Result result(String request, FieldReader fields) {
    return new Result(
        request,
        fields.string("by", SHORT, ""),
        fields.string("query", RoomLimits.QUERY_LENGTH_MAX, ""),
        fields.string("prompt", RoomLimits.RESULT_LENGTH_MAX, ""),
        fields.string("model", SHORT, ""),
        fields.strings("cards", SHORT),
        fields.strings("chunks", RoomLimits.RESULT_LENGTH_MAX),
        fields.choice("status", Result.Status.values(), Result.Status.INTERRUPTED),
        fields.stringOrNull("reason", RoomLimits.CHAT_LENGTH_MAX),
        usage(fields.mapOrNull("usage")),
        fields.integer("epoch", 0, INTEGER_MAX, 0),
        time(fields, "startedAt"),
        fields.integerOrNull("endedAt", 0, INTEGER_MAX),
        fields.integerOrNull("ttftMs", 0, INTEGER_MAX),
        fields.integerOrNull("totalMs", 0, INTEGER_MAX),
        fields.stringOrNull("after", SHORT),
        fields.choiceOrNull("ending", Ending.values()),
        fields.integerOrNull("tokensMax", 1, INTEGER_MAX),
        omitted(fields.integerOrNull("omitted", 0, Integer.MAX_VALUE)));
  }

  private static int omitted(@Nullable Long pairs) {
    return pairs == null ? 0 : pairs.intValue();
  }

  private static Result.@Nullable Usage usage(@Nullable FieldReader fields) {
    return fields == null
        ? null
        : new Result.Usage(
            fields.integer("promptTokens", 0, INTEGER_MAX, 0),
            fields.integer("completionTokens", 0, INTEGER_MAX, 0),
            fields.flag("estimated"));
  }

  private static long time(FieldReader fields, String key) {
    return fields.integer(key, 0, INTEGER_MAX, 0);
  }
}
