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
 * Plans the edits that turn an empty document into a room with the content of a file. The authors
 * in a file are not proved.
 *
 * <h2>People</h2>
 *
 * The identities in the file become {@code import:1}, {@code import:2} and so on. They keep their
 * names and are spectators. No identity of this server has such an id. So an import cannot
 * attribute texts to a real identity, and it gives no role and no seat.
 *
 * <h2>Parts that are not imported</h2>
 *
 * The history, conflicts, claimed turns, and the state of a running generation. A running answer
 * becomes an interrupted one.
 */
public final class RoomImport {

  /** Prefix of the identities of imported people. */
  public static final String IDENTITY_PREFIX = "import:";

  private final Map<String, Participant> people = new LinkedHashMap<>();
  private final EditBatches batches = new EditBatches();

  private RoomImport() {}

  /**
   * An import that is ready to be written.
   *
   * @param changes the edits of each change; the first change makes the room
   * @param results the results for the ledger, which writes them to the document
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
    room.participants().forEach(person -> importPerson(person.identity(), person));
    var body = new ArrayList<SizedEdit>();
    room.cards().forEach(card -> body.add(card(card)));
    room.notes()
        .forEach(
            note ->
                body.add(
                    put(RoomFields.NOTES, note.id(), RoomSchema.note(note.text()), note.text())));
    room.windows().forEach(window -> body.add(window(window)));
    room.chat().forEach(entry -> body.add(chat(entry)));
    room.discussion().comments().forEach(comment -> body.add(comment(comment)));
    room.discussion().reactions().forEach(reaction -> body.add(reaction(reaction)));
    var results = room.results().stream().map(this::result).toList();

    var entries = new TreeMap<String, Value>();
    people
        .values()
        .forEach(person -> entries.put(person.identity(), RoomSchema.participant(person)));
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
    RoomSchema.ADDED_CONTAINERS.forEach(name -> put(name, Value.map()));
    body.forEach(this::add);
    return new Plan(batches.changes(), results);
  }

  /** An edit with its approximate number of operations. */
  private record SizedEdit(Edit edit, int operations) {}

  private static SizedEdit put(String container, String id, Value value, String text) {
    return new SizedEdit(new Edit.Put(Path.of(container, id), value), 20 + text.length());
  }

  private void put(String key, Value value) {
    add(new SizedEdit(new Edit.Put(Path.of(key), value), 1_000));
  }

  private void add(SizedEdit next) {
    batches.add(next.edit, next.operations);
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
        from.slots(),
        from.extrasOff());
  }

  /** The new identity of a person in the file. The identity of the server itself stays. */
  private String person(String identity) {
    return identity.equals(RoomSchema.PARLOR) || identity.isEmpty()
        ? identity
        : importPerson(identity, null).identity();
  }

  private @Nullable String personOrNull(@Nullable String identity) {
    return identity == null ? null : person(identity);
  }

  private Participant importPerson(String identity, @Nullable Participant original) {
    return people.computeIfAbsent(
        identity,
        _ ->
            new Participant(
                IDENTITY_PREFIX + (people.size() + 1),
                original == null ? GuestName.of(identity).name() : original.name(),
                original == null ? null : original.avatar(),
                original == null ? null : original.color(),
                Participant.Role.SPECTATOR,
                original == null ? 0 : original.joinedAt()));
  }

  private SizedEdit card(Card card) {
    var imported =
        new Card(
            card.id(),
            card.type(),
            card.text(),
            card.image(),
            person(card.by()),
            card.at(),
            card.order(),
            null,
            card.muted(),
            personOrNull(card.removedBy()));
    return put(RoomFields.CARDS, card.id(), RoomSchema.card(imported), card.text());
  }

  private SizedEdit window(RoomWindow window) {
    var imported =
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
    return put(RoomFields.WINDOWS, window.id(), RoomSchema.window(imported), "");
  }

  private SizedEdit chat(ChatEntry entry) {
    var imported =
        new ChatEntry(
            entry.id(),
            person(entry.by()),
            entry.at(),
            entry.kind(),
            entry.text(),
            entry.replyTo(),
            null,
            entry.image(),
            entry.alt(),
            null);
    return new SizedEdit(new Edit.Append(Path.of(RoomFields.CHAT), RoomSchema.chat(imported)), 20);
  }

  /**
   * A comment without its cursors, which count for one document only: its quote gives the place.
   */
  private SizedEdit comment(Comment comment) {
    var by = person(comment.by());
    var thread = comment.thread();
    var resolved = comment.resolved();
    var imported =
        new Comment(
            OwnKey.of(OwnKey.part(comment.key(), 0), by),
            by,
            comment.at(),
            comment.target(),
            thread == null
                ? null
                : OwnKey.of(OwnKey.part(thread, 0), person(OwnKey.author(thread, 1))),
            comment.quote(),
            "",
            "",
            comment.text(),
            resolved == null ? null : new Comment.Resolved(person(resolved.by()), resolved.at()));
    return put(RoomFields.COMMENTS, imported.key(), RoomSchema.comment(imported), "");
  }

  private SizedEdit reaction(Reaction reaction) {
    var key = OwnKey.of(reaction.target(), reaction.sign(), person(reaction.by()));
    return put(RoomFields.REACTIONS, key, Value.of(reaction.at()), "");
  }

  private Result result(Result result) {
    return finished(result, person(result.by()));
  }

  /** A result for another room. A running answer becomes an interrupted one. */
  static Result finished(Result result, String author) {
    var wasRunning = result.status() == Result.Status.RUNNING;
    return new Result(
        result.request(),
        author,
        result.query(),
        result.prompt(),
        result.model(),
        result.cards(),
        result.chunks(),
        wasRunning ? Result.Status.INTERRUPTED : result.status(),
        result.reason(),
        result.usage(),
        0,
        result.startedAt(),
        wasRunning ? (Long) result.startedAt() : result.endedAt(),
        result.ttftMs(),
        result.totalMs(),
        result.after(),
        wasRunning ? Ending.INTERRUPTED : result.ending(),
        result.tokensMax(),
        result.omitted(),
        result.attach(),
        result.chat());
  }
}
