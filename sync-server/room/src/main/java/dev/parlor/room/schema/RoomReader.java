package dev.parlor.room.schema;

import dev.parlor.crdt.replica.Value;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a document's values as a {@link RoomView}, with {@link FieldReader}. */
final class RoomReader {
  private static final long INTEGER_MAX = RoomLimits.INTEGER_MAX;
  private static final int SHORT_MAX = RoomLimits.SHORT_LENGTH_MAX;
  private static final int COORDINATE_MAX = RoomLimits.COORDINATE_MAX;
  private static final int[] POSITION_DEFAULT = {40, 40};
  private static final int[] SIZE_DEFAULT = {320, 240};

  private RoomReader() {}

  static RoomView room(Value root) {
    var problems = new FieldReader.Problems();
    var fields = FieldReader.of(root, "", problems);
    return new RoomView(
        fields.integer(RoomFields.SCHEMA, 1, RoomSchema.VERSION, RoomSchema.VERSION),
        fields.string(RoomFields.TITLE, RoomLimits.TITLE_LENGTH_MAX, ""),
        settings(fields.map(RoomFields.SETTINGS)),
        fields.entries(RoomFields.PARTICIPANTS, RoomReader::participant),
        fields.entries(RoomFields.CARDS, RoomReader::card),
        fields.entries(RoomFields.WINDOWS, RoomReader::window),
        fields.entries(RoomFields.NOTES, RoomReader::note),
        DiscussionReader.edited(fields.items(RoomFields.CHAT, RoomReader::chat), fields),
        generation(fields.map(RoomFields.GENERATION)),
        fields.entries(RoomFields.RESULTS, RoomReader::result),
        DiscussionReader.discussion(fields),
        problems.list());
  }

  private static Settings settings(FieldReader fields) {
    var standard = Settings.standard();
    return new Settings(
        fields.choice(RoomFields.TURN_MODE, Settings.TurnMode.values(), standard.turnMode()),
        (int)
            fields.integer(
                RoomFields.MAX_PLAYERS, 1, RoomLimits.PLAYERS_MAX, standard.maxPlayers()),
        fields.choice(RoomFields.STATUS, Settings.Status.values(), standard.status()),
        fields.choice(RoomFields.STACK_RULE, Settings.StackRule.values(), standard.stackRule()),
        fields.stringOrNull(RoomFields.MODEL, SHORT_MAX),
        fields.string(RoomFields.SYSTEM_PROMPT, RoomLimits.SYSTEM_PROMPT_LENGTH_MAX, ""),
        fields.flagOrFalse(RoomFields.SPECTATOR_CHAT),
        slots(fields),
        extrasOff(fields));
  }

  private static int slots(FieldReader fields) {
    var slots = fields.integerOrNull(RoomFields.SLOTS, 1, RoomLimits.SLOTS_MAX);
    return slots == null ? 1 : slots.intValue();
  }

  private static Set<Settings.Extra> extrasOff(FieldReader fields) {
    var off = EnumSet.noneOf(Settings.Extra.class);
    for (var extra : Settings.Extra.values()) {
      if (!fields.flagOrTrue(extra.wire())) {
        off.add(extra);
      }
    }
    return off;
  }

  private static Participant participant(String identity, FieldReader fields) {
    var name = fields.string(RoomFields.NAME, RoomLimits.NAME_LENGTH_MAX, "");
    return new Participant(
        identity,
        name.isBlank() ? GuestName.of(identity).name() : name,
        fields.stringOrNull(RoomFields.AVATAR, SHORT_MAX),
        fields.stringOrNull(RoomFields.COLOR, SHORT_MAX),
        fields.choice(RoomFields.ROLE, Participant.Role.values(), Participant.Role.SPECTATOR),
        time(fields, RoomFields.JOINED_AT));
  }

  private static Card card(String id, FieldReader fields) {
    var turn = fields.integerOrNull(RoomFields.TURN, 0, Integer.MAX_VALUE);
    return new Card(
        id,
        fields.choice(RoomFields.TYPE, CardType.values(), CardType.CUSTOM),
        fields.string(RoomFields.TEXT, RoomLimits.CARD_LENGTH_MAX, ""),
        fields.stringOrNull(RoomFields.IMAGE, SHORT_MAX),
        fields.string(RoomFields.BY, SHORT_MAX, ""),
        time(fields, RoomFields.AT),
        fields.string(RoomFields.ORDER, SHORT_MAX, ""),
        turn == null ? null : (Integer) turn.intValue(),
        fields.flag(RoomFields.MUTED),
        fields.stringOrNull(RoomFields.REMOVED_BY, SHORT_MAX));
  }

  static List<RoomWindow> windows(Value windows) {
    var root =
        FieldReader.of(Value.map(RoomFields.WINDOWS, windows), "", new FieldReader.Problems());
    return root.entries(RoomFields.WINDOWS, RoomReader::window);
  }

  private static RoomWindow window(String id, FieldReader fields) {
    var position =
        fields.pair(RoomFields.POS, ',', -COORDINATE_MAX, COORDINATE_MAX, POSITION_DEFAULT);
    var size = fields.pair(RoomFields.SIZE, 'x', 1, COORDINATE_MAX, SIZE_DEFAULT);
    return new RoomWindow(
        id,
        fields.choice(RoomFields.TYPE, RoomWindow.Type.values(), RoomWindow.Type.NOTE),
        fields.string(RoomFields.TITLE, RoomLimits.TITLE_LENGTH_MAX, ""),
        position[0],
        position[1],
        size[0],
        size[1],
        fields.string(RoomFields.Z, SHORT_MAX, ""),
        fields.choice(RoomFields.STATE, RoomWindow.State.values(), RoomWindow.State.OPEN),
        fields.stringOrNull(RoomFields.REF, SHORT_MAX),
        fields.mapOrEmpty(RoomFields.PROPS),
        fields.string(RoomFields.BY, SHORT_MAX, ""),
        time(fields, RoomFields.AT));
  }

  private static Note note(String id, FieldReader fields) {
    return new Note(id, fields.string(RoomFields.TEXT, RoomLimits.NOTE_LENGTH_MAX, ""));
  }

  private static ChatEntry chat(FieldReader fields) {
    return new ChatEntry(
        fields.string(RoomFields.ID, SHORT_MAX, ""),
        fields.string(RoomFields.BY, SHORT_MAX, ""),
        time(fields, RoomFields.AT),
        fields.choice(RoomFields.KIND, ChatEntry.Kind.values(), ChatEntry.Kind.SAY),
        fields.string(RoomFields.TEXT, RoomLimits.CHAT_LENGTH_MAX, ""),
        fields.stringOrNull(RoomFields.REPLY_TO, SHORT_MAX),
        fields.stringOrNull(RoomFields.REQUEST, SHORT_MAX),
        fields.stringOrNull(RoomFields.IMAGE, SHORT_MAX),
        fields.stringOrNull(RoomFields.ALT, RoomLimits.ALT_LENGTH_MAX),
        null);
  }

  private static Generation generation(FieldReader fields) {
    var grant = grant(fields.mapOrNull(RoomFields.GRANT));
    var grants =
        fields.mapOrNull(RoomFields.GRANTS) == null
            ? grant == null ? List.<Grant>of() : List.of(grant)
            : fields.entries(RoomFields.GRANTS, (_, each) -> runGrant(each)).stream()
                .sorted(Comparator.comparingLong(Grant::epoch))
                .toList();
    return new Generation(
        fields.integer(RoomFields.EPOCH, 0, INTEGER_MAX, 0),
        lock(fields.mapOrNull(RoomFields.LOCK)),
        grant,
        stop(fields.mapOrNull(RoomFields.STOP)),
        grants,
        fields.itemsOrNone(RoomFields.QUEUE, RoomReader::queued),
        paused(fields.mapOrNull(RoomFields.PAUSED)));
  }

  private static Queued queued(FieldReader fields) {
    return new Queued(
        fields.string(RoomFields.REQUEST, SHORT_MAX, ""),
        fields.string(RoomFields.BY, SHORT_MAX, ""),
        time(fields, RoomFields.AT),
        fields.string(RoomFields.QUERY, RoomLimits.QUERY_LENGTH_MAX, ""),
        fields.strings(RoomFields.CARDS, SHORT_MAX),
        Objects.requireNonNullElse(fields.stringOrNull(RoomFields.AFTER, SHORT_MAX), ""),
        fields.choice(RoomFields.STATE, Queued.State.values(), Queued.State.WAITING),
        attachments(fields),
        fields.stringOrNull(RoomFields.CHAT, SHORT_MAX));
  }

  private static List<Attachment> attachments(FieldReader fields) {
    return fields.itemsOrNone(RoomFields.ATTACH, RoomReader::attachment);
  }

  private static Attachment attachment(FieldReader fields) {
    var kind = fields.choice(RoomFields.KIND, Attachment.Kind.values(), Attachment.Kind.TEXT);
    return new Attachment(
        kind,
        Objects.requireNonNullElse(fields.stringOrNull(RoomFields.ID, SHORT_MAX), ""),
        Objects.requireNonNullElse(
            fields.stringOrNull(RoomFields.TITLE, RoomLimits.TITLE_LENGTH_MAX), ""),
        Objects.requireNonNullElse(
            fields.stringOrNull(RoomFields.TEXT, RoomLimits.NOTE_LENGTH_MAX), ""),
        fields.stringOrNull(RoomFields.FROM, SHORT_MAX));
  }

  private static @Nullable Paused paused(@Nullable FieldReader fields) {
    return fields == null
        ? null
        : new Paused(
            fields.string(RoomFields.BY, SHORT_MAX, ""),
            time(fields, RoomFields.AT),
            time(fields, RoomFields.UNTIL));
  }

  /** A command as a peer wrote it. */
  static QueueCommand command(FieldReader fields) {
    return new QueueCommand(
        fields.string(RoomFields.ID, SHORT_MAX, ""),
        fields.choice(RoomFields.DO, QueueCommand.Action.values(), QueueCommand.Action.UNKNOWN),
        Objects.requireNonNullElse(fields.stringOrNull(RoomFields.REQUEST, SHORT_MAX), ""),
        Objects.requireNonNullElse(fields.stringOrNull(RoomFields.BEFORE, SHORT_MAX), ""),
        fields.string(RoomFields.BY, SHORT_MAX, ""),
        time(fields, RoomFields.AT));
  }

  /** A lock as a peer wrote it. {@link LockRules} checks its fields. */
  static @Nullable Lock lock(@Nullable FieldReader fields) {
    return fields == null
        ? null
        : new Lock(
            fields.string(RoomFields.REQUEST, SHORT_MAX, ""),
            fields.string(RoomFields.BY, SHORT_MAX, ""),
            time(fields, RoomFields.AT),
            fields.string(RoomFields.QUERY, RoomLimits.QUERY_LENGTH_MAX + 1, ""),
            fields.strings(RoomFields.CARDS, SHORT_MAX),
            fields.integer(RoomFields.SEEN, 0, INTEGER_MAX, -1),
            Objects.requireNonNullElse(fields.stringOrNull(RoomFields.AFTER, SHORT_MAX), ""),
            attachments(fields),
            fields.stringOrNull(RoomFields.CHAT, SHORT_MAX));
  }

  private static @Nullable Grant grant(@Nullable FieldReader fields) {
    return fields == null ? null : runGrant(fields);
  }

  private static Grant runGrant(FieldReader fields) {
    return new Grant(
        fields.string(RoomFields.REQUEST, SHORT_MAX, ""),
        fields.integer(RoomFields.EPOCH, 0, INTEGER_MAX, 0),
        time(fields, RoomFields.AT),
        time(fields, RoomFields.LEASE_UNTIL));
  }

  static @Nullable Stop stop(@Nullable FieldReader fields) {
    return fields == null
        ? null
        : new Stop(
            fields.string(RoomFields.REQUEST, SHORT_MAX, ""),
            fields.string(RoomFields.BY, SHORT_MAX, ""),
            time(fields, RoomFields.AT));
  }

  private static Result result(String request, FieldReader fields) {
    return new Result(
        request,
        fields.string(RoomFields.BY, SHORT_MAX, ""),
        fields.string(RoomFields.QUERY, RoomLimits.QUERY_LENGTH_MAX, ""),
        fields.string(RoomFields.PROMPT, RoomLimits.RESULT_LENGTH_MAX, ""),
        fields.string(RoomFields.MODEL, SHORT_MAX, ""),
        fields.strings(RoomFields.CARDS, SHORT_MAX),
        fields.strings(RoomFields.CHUNKS, RoomLimits.RESULT_LENGTH_MAX),
        fields.choice(RoomFields.STATUS, Result.Status.values(), Result.Status.INTERRUPTED),
        fields.stringOrNull(RoomFields.REASON, RoomLimits.CHAT_LENGTH_MAX),
        usage(fields.mapOrNull(RoomFields.USAGE)),
        fields.integer(RoomFields.EPOCH, 0, INTEGER_MAX, 0),
        time(fields, RoomFields.STARTED_AT),
        fields.integerOrNull(RoomFields.ENDED_AT, 0, INTEGER_MAX),
        fields.integerOrNull(RoomFields.TTFT_MS, 0, INTEGER_MAX),
        fields.integerOrNull(RoomFields.TOTAL_MS, 0, INTEGER_MAX),
        fields.stringOrNull(RoomFields.AFTER, SHORT_MAX),
        fields.choiceOrNull(RoomFields.ENDING, Ending.values()),
        fields.integerOrNull(RoomFields.TOKENS_MAX, 1, INTEGER_MAX),
        omitted(fields.integerOrNull(RoomFields.OMITTED, 0, Integer.MAX_VALUE)),
        attachments(fields),
        fields.stringOrNull(RoomFields.CHAT, SHORT_MAX));
  }

  private static int omitted(@Nullable Long pairs) {
    return pairs == null ? 0 : pairs.intValue();
  }

  private static Result.@Nullable Usage usage(@Nullable FieldReader fields) {
    return fields == null
        ? null
        : new Result.Usage(
            fields.integer(RoomFields.PROMPT_TOKENS, 0, INTEGER_MAX, 0),
            fields.integer(RoomFields.COMPLETION_TOKENS, 0, INTEGER_MAX, 0),
            fields.flag(RoomFields.ESTIMATED),
            call(fields.mapOrNull(RoomFields.CALL)));
  }

  private static @Nullable CallInfo call(@Nullable FieldReader fields) {
    return fields == null
        ? null
        : new CallInfo(
            fields.string(RoomFields.ENDPOINT, SHORT_MAX, ""),
            fields.stringOrNull(RoomFields.MODEL, SHORT_MAX),
            fields.integerOrNull(RoomFields.COST, 0, INTEGER_MAX),
            fields.stringOrNull(RoomFields.THOUGHTS, CallInfo.THOUGHTS_LENGTH_MAX),
            fields.stringsOrNone(RoomFields.NOTES, RoomLimits.CHAT_LENGTH_MAX));
  }

  private static long time(FieldReader fields, String key) {
    return fields.integer(key, 0, INTEGER_MAX, 0);
  }
}
