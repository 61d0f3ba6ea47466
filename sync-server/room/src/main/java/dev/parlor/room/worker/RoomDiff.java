package dev.parlor.room.worker;

import dev.parlor.room.schema.Card;
import dev.parlor.room.schema.ChatEntry;
import dev.parlor.room.schema.Participant;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.RoomWindow;
import dev.parlor.room.schema.TurnOrder;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the events of a room: it compares each view with the previous view, and it follows
 * connections. Changes that arrive between two comparisons become one event. Used on the room's
 * thread.
 */
final class RoomDiff {
  private final RoomEvents events;
  private final RoomTimer timer;
  private final Roster roster = new Roster();
  private final WindowDiff windows = new WindowDiff();

  /** Identities whose joining was published, or that had joined when the room was opened. */
  private final Set<String> announced = new HashSet<>();

  private @Nullable RoomView last;

  /** The identity whose turn it is; null without one. */
  private @Nullable String holder;

  RoomDiff(RoomEvents events, RoomTimer timer) {
    this.events = events;
    this.timer = timer;
  }

  /** Takes the opened room as the first state; it causes no events. */
  void begin(RoomView view) {
    last = view;
    windows.begin(view.windows());
    view.participants().forEach(person -> announced.add(person.identity()));
    holder = TurnOrder.of(view, roster.away()).holder();
  }

  /**
   * Publishes the differences between the previous view and this one.
   *
   * @param by author of all changes since the windows were last compared; null if unknown
   */
  void settled(RoomReading now, @Nullable String by) {
    RoomView before = last;
    RoomView view = now.view();
    if (before == null || before.equals(view)) {
      return;
    }
    last = view;
    for (Participant person : view.participants()) {
      if (announced.add(person.identity())) {
        publish(RoomEvent.PLAYER_JOINED, person(person));
      }
    }
    List<String> heads = now.heads().stream().map(Object::toString).toList();
    Set<String> earlierCards = ids(before.cards(), Card::id);
    for (Card card : view.cards()) {
      if (!earlierCards.contains(card.id())) {
        publish(RoomEvent.CARD_PLAYED, card(card, view, heads));
      }
    }
    Set<String> earlierEntries = ids(before.chat(), ChatEntry::id);
    for (ChatEntry entry : view.chat()) {
      if (!earlierEntries.contains(entry.id())) {
        publish(RoomEvent.CHAT, chat(entry, view));
      }
    }
    windows(view.windows(), by);
    publishTurn();
  }

  /** Publishes the differences of the windows alone, before another author's change. */
  void windows(List<RoomWindow> now, @Nullable String by) {
    RoomView view = last;
    for (Map<String, Object> data : windows.settled(now)) {
      if (by != null) {
        data.put("by", by);
        data.put("name", view == null ? "" : view.nameOf(by));
      }
      publish(RoomEvent.WINDOW, data);
    }
  }

  /** Publishes a new holder of the turn. */
  private void publishTurn() {
    RoomView view = last;
    if (view == null) {
      return;
    }
    TurnOrder order = TurnOrder.of(view, roster.away());
    if (Objects.equals(order.holder(), holder)) {
      return;
    }
    holder = order.holder();
    if (holder != null) {
      Map<String, Object> data = new LinkedHashMap<>();
      data.put("turn", order.turn());
      data.put("identity", holder);
      data.put("name", view.nameOf(holder));
      publish(RoomEvent.TURN_CHANGED, data);
    }
  }

  // Connections.

  void arrived(String identity) {
    if (roster.arrived(identity)) {
      publishTurn();
    }
  }

  /** As {@link #arrived}, for a connection of another node. */
  void arrivedElsewhere(String identity) {
    if (roster.arrivedElsewhere(identity)) {
      publishTurn();
    }
  }

  /** As {@link #departed}, for a connection of another node. */
  long departedElsewhere(String identity) {
    return roster.departedElsewhere(identity);
  }

  /** Other nodes count these identities as gone. Returns whether that is new here. */
  boolean awayElsewhere(Set<String> identities) {
    var isNew = false;
    for (var identity : identities) {
      isNew |= roster.awayElsewhere(identity);
    }
    if (isNew) {
      publishTurn();
    }
    return isNew;
  }

  /**
   * The number of the departure, for {@link #confirmDeparture} after the grace time; 0 if another
   * connection remains.
   */
  long departed(String identity) {
    return roster.departed(identity);
  }

  /** Publishes the departure, and returns true, if the identity is gone now. */
  boolean confirmDeparture(String identity, long number) {
    if (!roster.confirm(identity, number)) {
      return false;
    }
    RoomView view = last;
    if (view == null) {
      return true;
    }
    view.participant(identity).ifPresent(person -> publish(RoomEvent.PLAYER_LEFT, person(person)));
    publishTurn();
    return true;
  }

  boolean hasConnections() {
    return !roster.isEmpty();
  }

  Set<String> away() {
    return roster.away();
  }

  // The data of events.

  private void publish(String name, Map<String, Object> data) {
    events.publish(name, timer.now(), data);
  }

  private static <T> Set<String> ids(List<T> items, Function<T, String> id) {
    return items.stream().map(id).collect(Collectors.toSet());
  }

  private static Map<String, Object> person(Participant person) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("identity", person.identity());
    data.put("name", person.name());
    data.put("role", person.role().wire());
    return data;
  }

  private static Map<String, Object> card(Card card, RoomView view, List<String> heads) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("card", card.id());
    data.put("type", card.type().wire());
    data.put("by", card.by());
    data.put("name", view.nameOf(card.by()));
    data.put("text", card.text());
    if (card.image() != null) {
      data.put("image", card.image());
    }
    Integer turn = card.turn();
    if (turn != null) {
      data.put("turn", turn);
    }
    data.put("heads", heads);
    return data;
  }

  private static Map<String, Object> chat(ChatEntry entry, RoomView view) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("id", entry.id());
    data.put("by", entry.by());
    data.put("name", view.nameOf(entry.by()));
    data.put("kind", entry.kind().wire());
    data.put("text", entry.text());
    if (entry.image() != null) {
      data.put("image", entry.image());
      data.put("alt", entry.alt() == null ? "" : entry.alt());
    }
    return data;
  }
}
