package dev.parlor.room.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.operations.Action;
import dev.parlor.crdt.operations.OperationIndex;
import dev.parlor.crdt.operations.OperationReader;
import dev.parlor.relay.admission.ChangePolicy;
import dev.parlor.relay.admission.Role;
import dev.parlor.room.schema.ChatEntry;
import dev.parlor.room.schema.OwnKey;
import dev.parlor.room.schema.RoomFields;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides for each operation whether its author may write there in the room's document [AD6].
 * Belongs to the document's worker, which sets the author before each change.
 *
 * <table>
 * <caption>Permitted writers</caption>
 * <tr><th>path</th><th>writers</th></tr>
 * <tr><td>title, and within cards, windows, notes</td><td>host, player</td></tr>
 * <tr><td>chat: complete new entries of kind {@code say} that name the writer in {@code by}</td>
 *     <td>host, player; spectator when {@code settings.spectatorChat} is true</td></tr>
 * <tr><td>participants/&lt;id&gt;</td><td>that identity, if host or player; but only the server writes
 *     {@code role} and {@code removedBy}</td></tr>
 * <tr><td>settings</td><td>host</td></tr>
 * <tr><td>generation/lock, generation/stop and generation/command: complete new maps that name the
 *     writer in {@code by}</td>
 *     <td>host, player</td></tr>
 * <tr><td>comments: entries whose key ends with the writer's identity; in other people's entries only
 *     {@code resolved}, as a complete new map that names the writer in {@code by}, or null</td>
 *     <td>host, player</td></tr>
 * <tr><td>reactions: keys that end with the writer's identity</td><td>host, player</td></tr>
 * <tr><td>edits: entries whose key ends with the writer's identity</td>
 *     <td>every writer of the chat</td></tr>
 * <tr><td>everything else, including the containers themselves</td><td>the server</td></tr>
 * </table>
 *
 * <p>A chat entry, a lock request and a stop request are never edited, not even by their author.
 * Only the change that creates such an object may write into it. The name in {@code by} may be a
 * scalar string or a text typed from its beginning to its end.
 */
public final class RoomRules implements ChangePolicy {

  /** The top-level fields of a room's document, grouped by their rules. */
  private enum Region {
    TITLE,
    BOARD,
    CHAT,
    PARTICIPANTS,
    SETTINGS,
    GENERATION,
    COMMENTS,
    REACTIONS,
    EDITS,
    SERVER
  }

  /**
   * A field of a new object that must have a certain value: the writer's identity, or {@code say}.
   * If the field is a text, its letters are collected and compared at the end of the change.
   */
  private static final class ExpectedField {
    final int map;
    final String name;
    final String value;
    final boolean required;

    /** The text object that is the value of the field; -1 if there is none. */
    int textObject = -1;

    /** The last element of that text so far. */
    long lastElement = OperationReader.NONE;

    final StringBuilder text = new StringBuilder();
    boolean matches;

    ExpectedField(int map, String name, String value, boolean required) {
      this.map = map;
      this.name = name;
      this.value = value;
      this.required = required;
    }
  }

  private final OperationIndex index;

  private String identity = "";
  private Role role = Role.SPECTATOR;
  private boolean trusted = true;
  private final List<ExpectedField> expectedFields = new ArrayList<>(0);

  // The place of one object in the document. It is cached because consecutive operations are often
  // on the same object.
  private int locatedObject = -1;
  private Region region = Region.SERVER;

  /**
   * The child of the region's container that contains the object or is the object; -1 if the object
   * is the container itself.
   */
  private int item = -1;

  /**
   * The child of the item that contains the object or is the object; -1 if the object is the item.
   */
  private int part = -1;

  /**
   * The value of {@code settings.spectatorChat}, from the operation with the highest id so far. If
   * two operations have the same counter, the operation with the higher actor wins, as on every
   * replica.
   */
  private record ChatSetting(long counter, Bytes actor, boolean on) {
    static final ChatSetting UNSET = new ChatSetting(0, Bytes.EMPTY, false);

    ChatSetting latest(ChatSetting other) {
      var order = Long.compare(other.counter, counter);
      return (order == 0 ? other.actor.compareTo(actor) : order) >= 0 ? other : this;
    }
  }

  private ChatSetting chatSetting = ChatSetting.UNSET;
  private ChatSetting stagedChatSetting = ChatSetting.UNSET;

  public RoomRules(OperationIndex index) {
    this.index = index;
  }

  @Override
  public void beginChange(String writer, Role as) {
    identity = writer;
    role = as;
    trusted = false;
    reset();
  }

  @Override
  public void beginServerChange() {
    trusted = true;
    reset();
  }

  @Override
  public void admitted() {
    chatSetting = stagedChatSetting;
  }

  /** Whether spectators may append to the chat: a host can allow this. */
  @Override
  public boolean spectatorsMayWrite() {
    return chatSetting.on;
  }

  private void reset() {
    expectedFields.clear();
    locatedObject = -1;
    stagedChatSetting = chatSetting;
  }

  @Override
  public @Nullable String checkOperation(OperationReader operation, int object, int key, int made) {
    locate(object);
    if (region == Region.SETTINGS && item < 0) {
      stageChatSetting(operation, key);
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
      case COMMENTS -> comments(operation, object, key, made);
      case REACTIONS -> reactions(operation, key);
      case EDITS -> edits(operation, key);
      case SERVER -> "only the server writes here";
    };
  }

  /**
   * Whether one decision holds for all operations of a run. In the title, cards, windows and notes
   * it does, because only the writer's role matters.
   */
  @Override
  public boolean coversRepeats() {
    return region == Region.TITLE || region == Region.BOARD;
  }

  @Override
  public @Nullable String checkEnd() {
    for (var field : expectedFields) {
      if (field.textObject >= 0) {
        field.matches = field.text.toString().equals(field.value);
      }
      if (!field.matches && (field.required || field.textObject >= 0)) {
        return "'" + field.name + "' must be " + field.value + " here";
      }
    }
    return null;
  }

  /** Finds the place of an object in the document. */
  private void locate(int object) {
    if (object == locatedObject) {
      return;
    }
    locatedObject = object;
    item = -1;
    part = -1;
    region = Region.SERVER;
    var ancestor = object;
    var child = -1;
    while (ancestor != OperationIndex.ROOT && index.parent(ancestor) != OperationIndex.ROOT) {
      part = child;
      child = ancestor;
      ancestor = index.parent(ancestor);
    }
    if (ancestor != OperationIndex.ROOT) {
      item = child;
      region = region(index.key(index.parentKey(ancestor)));
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
      case RoomFields.COMMENTS -> Region.COMMENTS;
      case RoomFields.REACTIONS -> Region.REACTIONS;
      case RoomFields.EDITS -> Region.EDITS;
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
      expectedFields.add(new ExpectedField(made, RoomFields.BY, identity, true));
      expectedFields.add(
          new ExpectedField(made, RoomFields.KIND, ChatEntry.Kind.SAY.wire(), false));
      return null;
    }
    return index.isNew(item)
        ? checkNewObject(operation, object, key, made)
        : "a chat entry cannot be edited";
  }

  private @Nullable String comments(OperationReader operation, int object, int key, int made) {
    if (!role.mayWrite()) {
      return "a spectator changes nothing";
    }
    if (item < 0) {
      return operation.action() == Action.MAKE_MAP
          ? ownKey(key, 1)
          : "a comment must be a map and stays in the room";
    }
    if (part >= 0) {
      return isKey(index.parentKey(part), RoomFields.RESOLVED) && index.isNew(part)
          ? checkNewObject(operation, object, key, made)
          : "only a comment's author may change it";
    }
    if (!isKey(key, RoomFields.RESOLVED)) {
      return ownKey(index.parentKey(item), 1);
    }
    if (operation.action() == Action.MAKE_MAP) {
      expectedFields.add(new ExpectedField(made, RoomFields.BY, identity, true));
      return null;
    }
    return operation.action() == Action.SET && operation.valueType() == OperationReader.NULL
        ? null
        : "'resolved' must be a complete new map or null";
  }

  private @Nullable String reactions(OperationReader operation, int key) {
    if (!role.mayWrite()) {
      return "a spectator changes nothing";
    }
    return item < 0 && (operation.action() == Action.SET || operation.action() == Action.DELETE)
        ? ownKey(key, 2)
        : "a reaction must be a time";
  }

  private @Nullable String edits(OperationReader operation, int key) {
    if (!role.mayWrite() && !chatSetting.on) {
      return "spectators may not chat in this room";
    }
    if (item >= 0) {
      return ownKey(index.parentKey(item), 1);
    }
    return operation.action() == Action.MAKE_MAP
        ? ownKey(key, 1)
        : "an edit of a chat entry must be a map and stays in the room";
  }

  /** Whether a key ends with the writer's identity, after this many other parts. */
  private @Nullable String ownKey(int key, int before) {
    return key != OperationIndex.NO_KEY
            && OwnKey.author(index.key(key).toUtf8(), before).equals(identity)
        ? null
        : "a key here must end with the writer's identity";
  }

  private @Nullable String generation(OperationReader operation, int object, int key, int made) {
    if (!role.mayWrite()) {
      return "a spectator changes nothing";
    }
    if (item < 0) {
      if (!isRequest(key)) {
        return "only the server writes here";
      }
      if (operation.action() != Action.MAKE_MAP) {
        return "a request must be a complete new map and cannot be withdrawn";
      }
      expectedFields.add(new ExpectedField(made, RoomFields.BY, identity, true));
      return null;
    }
    var field = index.parentKey(item);
    return isRequest(field) && index.isNew(item)
        ? checkNewObject(operation, object, key, made)
        : "only the server writes here";
  }

  private boolean isRequest(int key) {
    return isKey(key, RoomFields.LOCK)
        || isKey(key, RoomFields.STOP)
        || isKey(key, RoomFields.COMMAND);
  }

  private @Nullable String participants(OperationReader operation, int object, int key) {
    var identityKey = item < 0 ? key : index.parentKey(item);
    if (item >= 0) {
      var field = object == item ? key : index.parentKey(part);
      if (isKey(field, RoomFields.ROLE) || isKey(field, RoomFields.REMOVED_BY)) {
        return "only the server sets roles and removes people; hosts use the HTTP API";
      }
    }
    if (!role.mayWrite()) {
      return "a spectator changes nothing";
    }
    if (!isKey(identityKey, identity)) {
      return "a participant may only write into their own entry";
    }
    return item < 0 && operation.action() != Action.MAKE_MAP
        ? "a participant's entry must be a map"
        : null;
  }

  /**
   * Checks an operation inside an object that this change creates: the expected fields must have
   * the expected values.
   */
  private @Nullable String checkNewObject(
      OperationReader operation, int object, int key, int made) {
    for (var field : expectedFields) {
      if (object == field.map && isKey(key, field.name)) {
        return checkField(field, operation, made);
      }
      if (object == field.textObject) {
        return checkText(field, operation);
      }
    }
    return null;
  }

  private @Nullable String checkField(ExpectedField field, OperationReader operation, int made) {
    if (field.matches || field.textObject >= 0) {
      return "'" + field.name + "' may be written only once";
    }
    if (operation.action() == Action.MAKE_TEXT) {
      field.textObject = made;
      return null;
    }
    field.matches =
        operation.action() == Action.SET
            && operation.valueType() == OperationReader.STRING
            && operation.value().toUtf8().equals(field.value);
    return field.matches ? null : "'" + field.name + "' must be " + field.value + " here";
  }

  private static @Nullable String checkText(ExpectedField field, OperationReader operation) {
    if (operation.action() != Action.SET
        || operation.valueType() != OperationReader.STRING
        || !operation.isInsert()
        || operation.element() != field.lastElement) {
      return "'" + field.name + "' must be typed from its beginning to its end";
    }
    field.lastElement = OperationReader.pack(0, operation.counter());
    if (field.text.length() <= field.value.length()) {
      field.text.append(operation.value().toUtf8());
    }
    return null;
  }

  private void stageChatSetting(OperationReader operation, int key) {
    if (isKey(key, RoomFields.SPECTATOR_CHAT)) {
      var on = operation.action() == Action.SET && operation.valueType() == OperationReader.TRUE;
      // Copy the actor: its bytes belong to the frame of the change.
      var actor = Bytes.wrap(operation.author().bytes().toArray());
      stagedChatSetting = stagedChatSetting.latest(new ChatSetting(operation.counter(), actor, on));
    }
  }
}
