package dev.parlor.room.schema;

import dev.parlor.crdt.replica.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A typed view of a whole room. Reading never fails: every document gives a view. A value that is
 * missing, of another kind or out of range is replaced by its default. A text that is too long is
 * truncated. Each repair has an entry in {@link #problems}.
 *
 * @param participants by (joinedAt, identity)
 * @param cards in stack order, including removed and muted cards
 * @param windows back to front
 * @param notes by id
 * @param chat in document order, with the authors' later edits
 * @param results oldest first
 */
public record RoomView(
    long schema,
    String title,
    Settings settings,
    List<Participant> participants,
    List<Card> cards,
    List<RoomWindow> windows,
    List<Note> notes,
    List<ChatEntry> chat,
    Generation generation,
    List<Result> results,
    Discussion discussion,
    List<Problem> problems) {

  /** A room without comments and reactions. */
  public RoomView(
      long schema,
      String title,
      Settings settings,
      List<Participant> participants,
      List<Card> cards,
      List<RoomWindow> windows,
      List<Note> notes,
      List<ChatEntry> chat,
      Generation generation,
      List<Result> results,
      List<Problem> problems) {
    this(
        schema,
        title,
        settings,
        participants,
        cards,
        windows,
        notes,
        chat,
        generation,
        results,
        Discussion.NONE,
        problems);
  }

  public RoomView {
    participants = sorted(participants, TurnOrder.BY_JOINING);
    cards = sorted(cards, Card.IN_ORDER);
    windows = sorted(windows, RoomWindow.BACK_TO_FRONT);
    notes = sorted(notes, Comparator.comparing(Note::id));
    chat = List.copyOf(chat);
    results = sorted(results, Result.BY_START);
    problems = List.copyOf(problems);
  }

  private static final Pattern IMAGE_OF_NOTE =
      Pattern.compile("\\(image:(z[1-9A-HJ-NP-Za-km-z]{32,44})\\)");

  private static <T> List<T> sorted(List<T> all, Comparator<T> order) {
    var copy = new ArrayList<>(all);
    copy.sort(order);
    return List.copyOf(copy);
  }

  /** The view of a document's root. */
  public static RoomView read(Value root) {
    return RoomReader.room(root);
  }

  /** Reads the value of {@code windows} alone. The order is back to front, as in a whole view. */
  public static List<RoomWindow> readWindows(Value windows) {
    return sorted(RoomReader.windows(windows), RoomWindow.BACK_TO_FRONT);
  }

  /**
   * The requests in the concurrent values of {@code generation/lock}, the winner first. Values
   * other than maps are left out.
   */
  public static List<Lock> readLocks(List<Value> values) {
    var locks = new ArrayList<Lock>();
    for (var value : values) {
      if (value instanceof Value.MapOf) {
        var path = RoomFields.GENERATION + "/" + RoomFields.LOCK;
        var lock = RoomReader.lock(FieldReader.of(value, path, new FieldReader.Problems()));
        if (lock != null) {
          locks.add(lock);
        }
      }
    }
    return List.copyOf(locks);
  }

  /** The stop in each value of {@code generation/stop}; values other than maps are left out. */
  public static List<Stop> readStops(List<Value> values) {
    return values.stream()
        .filter(Value.MapOf.class::isInstance)
        .map(value -> RoomReader.stop(fields(value, RoomFields.STOP)))
        .filter(Objects::nonNull)
        .toList();
  }

  /** The command in each value of {@code generation/command}; other values are left out. */
  public static List<QueueCommand> readCommands(List<Value> values) {
    return values.stream()
        .filter(Value.MapOf.class::isInstance)
        .map(value -> RoomReader.command(fields(value, RoomFields.COMMAND)))
        .toList();
  }

  private static FieldReader fields(Value value, String field) {
    return FieldReader.of(value, RoomFields.GENERATION + "/" + field, new FieldReader.Problems());
  }

  public Optional<Participant> participant(String identity) {
    return participants.stream().filter(each -> each.identity().equals(identity)).findFirst();
  }

  /** The name of a participant; empty for other identities. */
  public String nameOf(String identity) {
    return participant(identity).map(Participant::name).orElse("");
  }

  /** Whether a card, message, note or question of the room names the image [IM2]. */
  public boolean names(String image) {
    return cards.stream().anyMatch(card -> image.equals(card.image()))
        || chat.stream().anyMatch(entry -> image.equals(entry.image()))
        || notes.stream().anyMatch(note -> note.text().contains(image))
        || results.stream().anyMatch(result -> isAttached(image, result.attach()))
        || generation.queue().stream().anyMatch(queued -> isAttached(image, queued.attach()));
  }

  /**
   * The images that the room names: those of cards, messages, notes and questions, in this order.
   * In a note, each {@code (image:<id>)} counts [IM3].
   */
  public Set<String> images() {
    var ids = new LinkedHashSet<String>();
    cards.stream().map(Card::image).filter(Objects::nonNull).forEach(ids::add);
    chat.stream().map(ChatEntry::image).filter(Objects::nonNull).forEach(ids::add);
    for (var note : notes) {
      IMAGE_OF_NOTE.matcher(note.text()).results().forEach(found -> ids.add(found.group(1)));
    }
    results.forEach(result -> addImages(result.attach(), ids));
    generation.queue().forEach(queued -> addImages(queued.attach(), ids));
    return Collections.unmodifiableSet(ids);
  }

  private static void addImages(List<Attachment> attach, Set<String> ids) {
    attach.stream()
        .filter(each -> each.kind() == Attachment.Kind.IMAGE)
        .map(Attachment::id)
        .forEach(ids::add);
  }

  private static boolean isAttached(String image, List<Attachment> attach) {
    return attach.stream()
        .anyMatch(each -> each.kind() == Attachment.Kind.IMAGE && image.equals(each.id()));
  }

  public Optional<Card> card(String id) {
    return cards.stream().filter(each -> each.id().equals(id)).findFirst();
  }

  public Optional<RoomWindow> window(String id) {
    return windows.stream().filter(each -> each.id().equals(id)).findFirst();
  }

  public Optional<Note> note(String id) {
    return notes.stream().filter(each -> each.id().equals(id)).findFirst();
  }

  public Optional<Result> result(String request) {
    return results.stream().filter(each -> each.request().equals(request)).findFirst();
  }

  /** The cards on the stack, in order, including muted cards. A request names these cards. */
  public List<Card> stack() {
    return cards.stream().filter(card -> card.removedBy() == null).toList();
  }
}
