package dev.parlor.room.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.operations.Action;
import dev.parlor.crdt.operations.OperationIndex;
import dev.parlor.crdt.operations.OperationReader;
import dev.parlor.relay.admission.ChangePolicy;
import dev.parlor.relay.admission.Role;
import dev.parlor.room.schema.ChatEntry;
import dev.parlor.room.schema.RoomFields;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides which identity may write where in a room's document [AD6], operation by operation.
 * Belongs to the document's worker, which names the author before each change.
 *
 * <table>
 * <caption>Permitted writers</caption>
 * <tr><th>path</th><th>writers</th></tr>
 * <tr><td>title, and within cards, windows, notes</td><td>host, player</td></tr>
 * <tr><td>chat: whole new entries of kind {@code say} that name the writer in {@code by}</td>
 *     <td>host, player; spectator when {@code settings.spectatorChat} is true</td></tr>
 * <tr><td>participants/&lt;id&gt;</td><td>that identity, host or player; {@code role} and {@code
 *     removedBy} the server alone</td></tr>
 * <tr><td>settings</td><td>host</td></tr>
 * <tr><td>generation/lock, generation/stop: whole new maps that name the writer in {@code by}</td>
 *     <td>host, player</td></tr>
 * <tr><td>everything else, the containers themselves included</td><td>the server</td></tr>
 * </table>
 *
 * <p>A chat entry, a lock request and a stop request are never edited, not even by their author:
 * only the change that creates them may write into them. The name in {@code by} may be a scalar
 * string or a text typed from its beginning to its end.
 */
public final class RoomRules implements ChangePolicy {

  private enum Region {
    TITLE,
    BOARD,
    CHAT,
    PARTICIPANTS,
    SETTINGS,
    GENERATION,
    SERVER
  }

  /** A field that must have a certain value: the writer's identity, or {@code say}. */
  private static final class Demand {
    final int map;
    final String field;
    final String expected;
    final boolean required;
    int text = -1;
    long last = OperationReader.NONE;
    final StringBuilder typed = new StringBuilder();
    boolean met;

    Demand(int map, String field, String expected, boolean required) {
      this.map = map;
      this.field = field;
      this.expected = expected;
      this.required = required;
    }
  }

  private final OperationIndex index;

  private String identity = "";
  private Role role = Role.SPECTATOR;
  private boolean trusted = true;
  private final List<Demand> demands = new ArrayList<>(0);

  // The place of the last object, cached because all operations on the object have the same place.
  private int placed = -1;
  private Region region = Region.SERVER;

  /**
   * The child of the region's container that is the object or contains it; -1 if the object is the
   * container.
   */
  private int item = -1;

  /** The child of the item that is the object or contains it; -1 if the object is the item. */
  private int part = -1;

  /**
   * The value that the highest operation on the setting has set so far. Of two operations with the
   * same counter the one with the higher actor counts, as on every replica.
   */
  private record ChatSetting(long counter, Bytes actor, boolean on) {
    static final ChatSetting UNSET = new ChatSetting(0, Bytes.EMPTY, false);

    ChatSetting orHigher(ChatSetting other) {
      var order = Long.compare(other.counter, counter);
      return (order == 0 ? other.actor.compareTo(actor) : order) >= 0 ? other : this;
    }
  }

  private ChatSetting chatSetting = ChatSetting.UNSET;
  private ChatSetting stagedSetting = ChatSetting.UNSET;

  public RoomRules(OperationIndex index) {
    this.index = index;
  }

  @Override
  public void beginChange(String writer, Role as) {
    identity = writer;
    role = as;
    trusted = false;
    begin();
  }

  @Override
  public void beginServerChange() {
    trusted = true;
    begin();
  }

  @Override
  public void admitted() {
    chatSetting = stagedSetting;
  }

  /** Spectators may append to the chat if the host has turned that on. */
  @Override
  public boolean spectatorsMayWrite() {
    return chatSetting.on;
  }

  private void begin() {
    demands.clear();
    placed = -1;
    stagedSetting = chatSetting;
  }

  @Override
  public @Nullable String checkOperation(OperationReader operation, int object, int key, int made) {
    place(object);
    if (region == Region.SETTINGS && item < 0) {
      watchSetting(operation, key);
    }
    if (trusted) {
      return null;
    }
    if (object == OperationIndex.ROOT) {
      return atRoot(operation, key);
    }
    return switch (region) {
      case TITLE, BOARD -> role.mayWrite() ? null : "a spectator changes nothing";
      case SETTINGS -> role == Role.HOST ? null : "only a host changes settings";
      case CHAT -> chat(operation, object, key, made);
      case PARTICIPANTS -> participants(operation, object, key);
      case GENERATION -> generation(operation, object, key, made);
      case SERVER -> "only the server writes here";
    };
  }

  /** In the title, cards, windows and notes only the writer's role matters. */
  @Override
  public boolean coversRepeats() {
    return region == Region.TITLE || region == Region.BOARD;
  }

  @Override
  public @Nullable String checkEnd() {
    for (var demand : demands) {
      if (demand.text >= 0) {
        demand.met = demand.typed.toString().equals(demand.expected);
      }
      if (!demand.met && (demand.required || demand.text >= 0)) {
        return "'" + demand.field + "' must be " + demand.expected + " here";
      }
    }
    return null;
  }

  // The place of an operation.

  private void place(int object) {
    if (object == placed) {
      return;
    }
    placed = object;
    item = -1;
    part = -1;
    region = Region.SERVER;
    var at = object;
    var below = -1;
    while (at != OperationIndex.ROOT && index.parent(at) != OperationIndex.ROOT) {
      part = below;
      below = at;
      at = index.parent(at);
    }
    if (at != OperationIndex.ROOT) {
      item = below;
      region = region(index.key(index.parentKey(at)));
    }
  }

  private static Region region(Bytes key) {
    return switch (key.toUtf8()) {
      case RoomFields.TITLE -> Region.TITLE;
      case RoomFields.CARDS, RoomFields.WINDOWS, RoomFields.NOTES -> Region.BOARD;
      case RoomFields.CHAT -> Region.CHAT;
      case RoomFields.PARTICIPANTS -> Region.PARTICIPANTS;
      case RoomFields.SETTINGS -> Region.SETTINGS;
      case RoomFields.GENERATION -> Region.GENERATION;
      default -> Region.SERVER;
    };
  }

  private boolean isKey(int key, String name) {
    return key != OperationIndex.NO_KEY && index.key(key).toUtf8().equals(name);
  }

  // The rules of each region.

  private @Nullable String atRoot(OperationReader operation, int key) {
    if (!isKey(key, RoomFields.TITLE) || operation.action() == Action.DELETE) {
      return "only the server makes, replaces or removes the parts of a room";
    }
    return role.mayWrite() ? null : "a spectator changes nothing";
  }

  private @Nullable String chat(OperationReader operation, int object, int key, int made) {
    if (!role.mayWrite() && !chatSetting.on) {
      return "spectators may not chat in this room";
    }
    if (item < 0) {
      if (made < 0 || !operation.isInsert() || operation.action() != Action.MAKE_MAP) {
        return "chat entries may only be appended";
      }
      demands.add(new Demand(made, RoomFields.BY, identity, true));
      demands.add(new Demand(made, RoomFields.KIND, ChatEntry.Kind.SAY.wire(), false));
      return null;
    }
    return index.isNew(item) ? heed(operation, object, key, made) : "a chat entry cannot be edited";
  }

  private @Nullable String generation(OperationReader operation, int object, int key, int made) {
    if (!role.mayWrite()) {
      return "a spectator changes nothing";
    }
    if (item < 0) {
      if (!isKey(key, RoomFields.LOCK) && !isKey(key, RoomFields.STOP)) {
        return "only the server writes here";
      }
      if (operation.action() != Action.MAKE_MAP) {
        return "a request must be a whole new map and cannot be withdrawn";
      }
      demands.add(new Demand(made, RoomFields.BY, identity, true));
      return null;
    }
    var at = index.parentKey(item);
    return (isKey(at, RoomFields.LOCK) || isKey(at, RoomFields.STOP)) && index.isNew(item)
        ? heed(operation, object, key, made)
        : "only the server writes here";
  }

  private @Nullable String participants(OperationReader operation, int object, int key) {
    var person = item < 0 ? key : index.parentKey(item);
    if (item >= 0) {
      var field = object == item ? key : index.parentKey(part);
      if (isKey(field, RoomFields.ROLE) || isKey(field, RoomFields.REMOVED_BY)) {
        return "only the server sets roles and removes people; hosts use the HTTP API";
      }
    }
    if (!role.mayWrite()) {
      return "a spectator changes nothing";
    }
    if (!isKey(person, identity)) {
      return "a participant may only write into their own entry";
    }
    return item < 0 && operation.action() != Action.MAKE_MAP
        ? "a participant's entry must be a map"
        : null;
  }

  /**
   * Checks an operation inside an object that this change creates: its demanded fields must have
   * the demanded values.
   */
  private @Nullable String heed(OperationReader operation, int object, int key, int made) {
    for (var demand : demands) {
      if (object == demand.map && isKey(key, demand.field)) {
        return name(demand, operation, made);
      }
      if (object == demand.text) {
        return type(demand, operation);
      }
    }
    return null;
  }

  private @Nullable String name(Demand demand, OperationReader operation, int made) {
    if (demand.met || demand.text >= 0) {
      return "'" + demand.field + "' may be written only once";
    }
    if (operation.action() == Action.MAKE_TEXT) {
      demand.text = made;
      return null;
    }
    demand.met =
        operation.action() == Action.SET
            && operation.valueType() == OperationReader.STRING
            && operation.value().toUtf8().equals(demand.expected);
    return demand.met ? null : "'" + demand.field + "' must be " + demand.expected + " here";
  }

  private static @Nullable String type(Demand demand, OperationReader operation) {
    if (operation.action() != Action.SET
        || operation.valueType() != OperationReader.STRING
        || !operation.isInsert()
        || operation.element() != demand.last) {
      return "'" + demand.field + "' must be typed from its beginning to its end";
    }
    demand.last = OperationReader.pack(0, operation.counter());
    if (demand.typed.length() <= demand.expected.length()) {
      demand.typed.append(operation.value().toUtf8());
    }
    return null;
  }

  private void watchSetting(OperationReader operation, int key) {
    if (isKey(key, RoomFields.SPECTATOR_CHAT)) {
      var on = operation.action() == Action.SET && operation.valueType() == OperationReader.TRUE;
      // A copy, because the author's bytes belong to the change's frame.
      var actor = Bytes.wrap(operation.author().bytes().toArray());
      stagedSetting = stagedSetting.orHigher(new ChatSetting(operation.counter(), actor, on));
    }
  }
}
