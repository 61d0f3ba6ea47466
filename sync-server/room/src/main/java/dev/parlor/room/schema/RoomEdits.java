package dev.parlor.room.schema;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The edits of each action of a participant or of the server, for one transaction. No edit makes a
 * container of {@link RoomSchema#genesis}. The caller has checked permissions and lengths.
 */
public final class RoomEdits {

  private RoomEdits() {}

  /**
   * Adds a person, or updates a person who joined before. The update leaves {@code joinedAt}
   * unchanged, so the participant keeps the place in the turn order.
   */
  public static List<Edit> join(RoomView room, Participant person) {
    var path = Path.of(RoomFields.PARTICIPANTS, person.identity());
    var present = room.participant(person.identity());
    if (present.isEmpty()) {
      return List.of(new Edit.Put(path, RoomSchema.participant(person)));
    }
    return List.of(
        new Edit.Put(path.child(RoomFields.NAME), Value.of(person.name())),
        new Edit.Put(path.child(RoomFields.AVATAR), RoomSchema.scalar(person.avatar())),
        new Edit.Put(path.child(RoomFields.COLOR), RoomSchema.scalar(person.color())),
        new Edit.Put(path.child(RoomFields.ROLE), RoomSchema.named(person.role())));
  }

  /** Sets a participant's role. */
  public static List<Edit> role(String identity, Participant.Role role) {
    return List.of(
        new Edit.Put(
            Path.of(RoomFields.PARTICIPANTS, identity, RoomFields.ROLE), RoomSchema.named(role)));
  }

  /** Sets the time at which a participant joined. */
  public static List<Edit> joinedAt(String identity, long millis) {
    return List.of(
        new Edit.Put(
            Path.of(RoomFields.PARTICIPANTS, identity, RoomFields.JOINED_AT), Value.of(millis)));
  }

  /**
   * Removes a participant. The entry stays, so that the participant's texts keep an author name.
   *
   * @param by identity of the host that removes the participant
   * @param role the role that the entry gets
   */
  public static List<Edit> removePerson(String identity, String by, Participant.Role role) {
    var path = Path.of(RoomFields.PARTICIPANTS, identity);
    return List.of(
        new Edit.Put(path.child(RoomFields.ROLE), RoomSchema.named(role)),
        new Edit.Put(path.child(RoomFields.REMOVED_BY), Value.of(by)));
  }

  /** Readmits a removed participant. */
  public static List<Edit> readmitPerson(String identity) {
    return List.of(
        new Edit.Put(
            Path.of(RoomFields.PARTICIPANTS, identity, RoomFields.REMOVED_BY), Value.NULL));
  }

  /** Puts a card on the stack, at the place of its order key. */
  public static List<Edit> play(Card card) {
    return List.of(new Edit.Put(Path.of(RoomFields.CARDS, card.id()), RoomSchema.card(card)));
  }

  public static List<Edit> mute(String card, boolean muted) {
    return List.of(
        new Edit.Put(Path.of(RoomFields.CARDS, card, RoomFields.MUTED), Value.of(muted)));
  }

  /** Removes a card from the stack. Its text stays, and so do concurrent edits of the text. */
  public static List<Edit> remove(String card, String by) {
    return List.of(
        new Edit.Put(Path.of(RoomFields.CARDS, card, RoomFields.REMOVED_BY), Value.of(by)));
  }

  public static List<Edit> restore(String card) {
    return List.of(
        new Edit.Put(Path.of(RoomFields.CARDS, card, RoomFields.REMOVED_BY), Value.NULL));
  }

  /** Moves a card to the place of the order key, see {@link FractionalIndex}. */
  public static List<Edit> reorder(String card, String order) {
    return List.of(
        new Edit.Put(Path.of(RoomFields.CARDS, card, RoomFields.ORDER), Value.of(order)));
  }

  public static List<Edit> chat(ChatEntry entry) {
    return List.of(new Edit.Append(Path.of(RoomFields.CHAT), RoomSchema.chat(entry)));
  }

  /** Replaces the text of an own chat message; an empty text deletes the message. */
  public static List<Edit> editChat(String entry, String by, String text, long at) {
    return List.of(
        new Edit.Put(
            Path.of(RoomFields.EDITS, OwnKey.of(entry, by)),
            Value.map(RoomFields.TEXT, Value.of(text), RoomFields.AT, Value.of(at))));
  }

  /** Adds a comment, or replaces an own one. */
  public static List<Edit> comment(Comment comment) {
    return List.of(
        new Edit.Put(Path.of(RoomFields.COMMENTS, comment.key()), RoomSchema.comment(comment)));
  }

  /** Resolves a thread, or reopens it with null. */
  public static List<Edit> resolve(String comment, Comment.@Nullable Resolved resolved) {
    return List.of(
        new Edit.Put(
            Path.of(RoomFields.COMMENTS, comment, RoomFields.RESOLVED),
            resolved == null ? Value.NULL : RoomSchema.resolved(resolved)));
  }

  /** Adds a vote or another sign. */
  public static List<Edit> react(Reaction reaction) {
    return List.of(new Edit.Put(reactionPath(reaction), Value.of(reaction.at())));
  }

  /** Takes a vote or another sign back. */
  public static List<Edit> takeBack(Reaction reaction) {
    return List.of(new Edit.Delete(reactionPath(reaction)));
  }

  private static Path reactionPath(Reaction reaction) {
    return Path.of(
        RoomFields.REACTIONS, OwnKey.of(reaction.target(), reaction.sign(), reaction.by()));
  }

  /** Opens a window under a new id; a note window names an existing note. */
  public static List<Edit> open(RoomWindow window) {
    return List.of(
        new Edit.Put(Path.of(RoomFields.WINDOWS, window.id()), RoomSchema.window(window)));
  }

  public static List<Edit> move(String window, int x, int y) {
    return field(window, RoomFields.POS, RoomWindow.pos(x, y));
  }

  public static List<Edit> resize(String window, int width, int height) {
    return field(window, RoomFields.SIZE, RoomWindow.size(width, height));
  }

  /** Moves a window to the place of the order key among the windows. */
  public static List<Edit> setZ(String window, String z) {
    return field(window, RoomFields.Z, z);
  }

  public static List<Edit> state(String window, RoomWindow.State state) {
    return field(window, RoomFields.STATE, state.wire());
  }

  private static List<Edit> field(String window, String field, String value) {
    return List.of(new Edit.Put(Path.of(RoomFields.WINDOWS, window, field), Value.of(value)));
  }

  public static List<Edit> note(Note note) {
    return List.of(
        new Edit.Put(Path.of(RoomFields.NOTES, note.id()), RoomSchema.note(note.text())));
  }

  /** Requests a generation. */
  public static List<Edit> lock(Lock lock) {
    return List.of(
        new Edit.Put(Path.of(RoomFields.GENERATION, RoomFields.LOCK), RoomSchema.lock(lock)));
  }

  /** Requests the end of a run. */
  public static List<Edit> stop(Stop stop) {
    return List.of(
        new Edit.Put(Path.of(RoomFields.GENERATION, RoomFields.STOP), RoomSchema.stop(stop)));
  }

  /** Gives a command for the queue. */
  public static List<Edit> command(QueueCommand command) {
    return List.of(
        new Edit.Put(
            Path.of(RoomFields.GENERATION, RoomFields.COMMAND), RoomSchema.command(command)));
  }

  // Edits of the server only.

  /** Writes the epoch and grant of a run. The ledger has stored both before. */
  public static List<Edit> grant(Grant grant) {
    return List.of(
        new Edit.Put(Path.of(RoomFields.GENERATION, RoomFields.EPOCH), Value.of(grant.epoch())),
        new Edit.Put(Path.of(RoomFields.GENERATION, RoomFields.GRANT), RoomSchema.grant(grant)));
  }

  /** Writes the epoch of the ledger. */
  public static List<Edit> epoch(long epoch) {
    return List.of(new Edit.Put(Path.of(RoomFields.GENERATION, RoomFields.EPOCH), Value.of(epoch)));
  }

  /** Removes lock, grant and stop. Deleting an absent key changes nothing. */
  public static List<Edit> release() {
    return List.of(
        new Edit.Delete(Path.of(RoomFields.GENERATION, RoomFields.LOCK)),
        new Edit.Delete(Path.of(RoomFields.GENERATION, RoomFields.GRANT)),
        new Edit.Delete(Path.of(RoomFields.GENERATION, RoomFields.STOP)));
  }

  /** Writes a whole result, either new or in place of a forged one. */
  public static List<Edit> result(Result result) {
    return List.of(
        new Edit.Put(Path.of(RoomFields.RESULTS, result.request()), RoomSchema.result(result)));
  }

  /** Appends a piece of the answer. */
  public static List<Edit> chunk(String request, String text) {
    return List.of(
        new Edit.Append(Path.of(RoomFields.RESULTS, request, RoomFields.CHUNKS), Value.of(text)));
  }

  /**
   * Writes the final fields of a result.
   *
   * @param ttftMs null if no token arrived
   */
  public static List<Edit> finish(
      String request,
      Result.Status status,
      @Nullable Ending ending,
      @Nullable String reason,
      Result.@Nullable Usage usage,
      long endedAt,
      @Nullable Long ttftMs,
      long totalMs) {
    var path = Path.of(RoomFields.RESULTS, request);
    var edits = new ArrayList<Edit>();
    edits.add(new Edit.Put(path.child(RoomFields.STATUS), RoomSchema.named(status)));
    if (ending != null) {
      edits.add(new Edit.Put(path.child(RoomFields.ENDING), RoomSchema.named(ending)));
    }
    edits.add(new Edit.Put(path.child(RoomFields.REASON), RoomSchema.scalar(reason)));
    edits.add(new Edit.Put(path.child(RoomFields.USAGE), RoomSchema.usage(usage)));
    edits.add(new Edit.Put(path.child(RoomFields.ENDED_AT), Value.of(endedAt)));
    edits.add(
        new Edit.Put(
            path.child(RoomFields.TTFT_MS), ttftMs == null ? Value.NULL : Value.of((long) ttftMs)));
    edits.add(new Edit.Put(path.child(RoomFields.TOTAL_MS), Value.of(totalMs)));
    return List.copyOf(edits);
  }

  /** Removes a forged result. */
  public static List<Edit> removeResult(String request) {
    return List.of(new Edit.Delete(Path.of(RoomFields.RESULTS, request)));
  }
}
