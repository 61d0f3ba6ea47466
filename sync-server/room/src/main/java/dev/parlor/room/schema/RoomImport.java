package dev.parlor.room.schema;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The edits that turn an empty document into a room with the content of an imported file. A file
 * proves nothing about authors.
 *
 * <h2>People</h2>
 *
 * The authors named in the file become {@code import:1}, {@code import:2} and so on. They keep
 * their names from the file and are spectators. No identity of this server has such an id. So an
 * import cannot attribute texts to a real identity, and being named in a file gives no role and no
 * seat.
 *
 * <h2>Parts that are not imported</h2>
 *
 * The history, conflicts, claimed turns, images, and the state of a running generation: a running
 * answer becomes an interrupted one.
 */
public final class RoomImport {

  /** Prefix of the identities of people named in a file. */
  public static final String PERSON = "import:";

  /** Approximate number of characters per change; each is an operation. */
  private static final int CHANGE_LENGTH_MAX = 200_000;

  private final Map<String, Participant> people = new LinkedHashMap<>();
  private final List<List<Edit>> changes = new ArrayList<>();
  private List<Edit> change = new ArrayList<>();
  private int length;

  private RoomImport() {}

  /**
   * The writes of an import.
   *
   * @param changes the edits, a list for each change; the first makes the room
   * @param results results for the ledger, which is authoritative
   */
  public record Plan(List<List<Edit>> changes, List<Result> results) {
    public Plan {
      changes = List.copyOf(changes);
      results = List.copyOf(results);
    }
  }

  /**
   * Plans the import of a file's room.
   *
   * @param model the new room's model, or null for the server's default
   */
  public static Plan of(RoomView room, @Nullable String model) {
    return new RoomImport().plan(room, model);
  }

  private Plan plan(RoomView room, @Nullable String model) {
    room.participants().forEach(person -> meet(person.identity(), person));
    var body = new ArrayList<Weighed>();
    room.cards().forEach(card -> body.add(card(card)));
    room.notes()
        .forEach(
            note ->
                body.add(
                    put(RoomFields.NOTES, note.id(), RoomSchema.note(note.text()), note.text())));
    room.windows().forEach(window -> body.add(window(window)));
    room.chat().forEach(entry -> body.add(chat(entry)));
    var results = room.results().stream().map(this::result).toList();

    var entries = new TreeMap<String, Value>();
    people.values().forEach(one -> entries.put(one.identity(), RoomSchema.participant(one)));
    put(RoomFields.SCHEMA, Value.of(RoomSchema.VERSION));
    put(RoomFields.TITLE, Value.text(room.title()));
    put(RoomFields.SETTINGS, RoomSchema.settings(settings(room.settings(), model)));
    put(RoomFields.PARTICIPANTS, new Value.MapOf(entries));
    put(RoomFields.CARDS, Value.map());
    put(RoomFields.WINDOWS, Value.map());
    put(RoomFields.NOTES, Value.map());
    put(RoomFields.CHAT, Value.list(List.of()));
    put(RoomFields.GENERATION, Value.map(RoomFields.EPOCH, Value.of(0)));
    put(RoomFields.RESULTS, Value.map());
    body.forEach(this::add);
    end();
    return new Plan(changes, results);
  }

  /** An edit with its approximate number of operations. */
  private record Weighed(Edit edit, int length) {}

  private static Weighed put(String container, String id, Value value, String text) {
    return new Weighed(new Edit.Put(Path.of(container, id), value), 20 + text.length());
  }

  private void put(String key, Value value) {
    add(new Weighed(new Edit.Put(Path.of(key), value), 1_000));
  }

  private void add(Weighed next) {
    if (!change.isEmpty() && length + next.length > CHANGE_LENGTH_MAX) {
      end();
    }
    change.add(next.edit);
    length += next.length;
  }

  private void end() {
    changes.add(List.copyOf(change));
    change = new ArrayList<>();
    length = 0;
  }

  private static Settings settings(Settings from, @Nullable String model) {
    return new Settings(
        from.turnMode(),
        from.maxPlayers(),
        from.status(),
        from.stackRule(),
        model,
        from.systemPrompt(),
        from.spectatorChat(),
        from.extrasOff());
  }

  /** The new identity of a person in the file; the room's own identity stays. */
  private String person(String identity) {
    return identity.equals(RoomSchema.PARLOR) || identity.isEmpty()
        ? identity
        : meet(identity, null).identity();
  }

  private @Nullable String personOrNull(@Nullable String identity) {
    return identity == null ? null : person(identity);
  }

  private Participant meet(String identity, @Nullable Participant there) {
    return people.computeIfAbsent(
        identity,
        _ ->
            new Participant(
                PERSON + (people.size() + 1),
                there == null ? GuestName.of(identity).name() : there.name(),
                there == null ? null : there.avatar(),
                there == null ? null : there.color(),
                Participant.Role.SPECTATOR,
                there == null ? 0 : there.joinedAt()));
  }

  private Weighed card(Card card) {
    var here =
        new Card(
            card.id(),
            card.type(),
            card.text(),
            null,
            person(card.by()),
            card.at(),
            card.order(),
            null,
            card.muted(),
            personOrNull(card.removedBy()));
    return put(RoomFields.CARDS, card.id(), RoomSchema.card(here), card.text());
  }

  private Weighed window(RoomWindow window) {
    var here =
        new RoomWindow(
            window.id(),
            window.type(),
            window.title(),
            window.x(),
            window.y(),
            window.width(),
            window.height(),
            window.z(),
            window.state(),
            window.ref(),
            window.props(),
            person(window.by()),
            window.at());
    return put(RoomFields.WINDOWS, window.id(), RoomSchema.window(here), "");
  }

  private Weighed chat(ChatEntry entry) {
    var here =
        new ChatEntry(
            entry.id(),
            person(entry.by()),
            entry.at(),
            entry.kind(),
            entry.text(),
            entry.replyTo());
    return new Weighed(new Edit.Append(Path.of(RoomFields.CHAT), RoomSchema.chat(here)), 20);
  }

  private Result result(Result result) {
    var ran = result.status() == Result.Status.RUNNING;
    return new Result(
        result.request(),
        person(result.by()),
        result.query(),
        result.prompt(),
        result.model(),
        result.cards(),
        result.chunks(),
        ran ? Result.Status.INTERRUPTED : result.status(),
        result.reason(),
        result.usage(),
        0,
        result.startedAt(),
        ran ? (Long) result.startedAt() : result.endedAt(),
        result.ttftMs(),
        result.totalMs(),
        result.after(),
        ran ? Ending.INTERRUPTED : result.ending(),
        result.tokensMax(),
        result.omitted());
  }
}
