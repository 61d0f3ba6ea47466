package dev.parlor.room.schema;

/**
 * The names of all fields in a room's document. No other class spells them. {@code docs/room.md}
 * has the schema. The values of a field with few choices are in its enum, see {@link Named}.
 *
 * <p>Events and the JSON of the HTTP interface have names of their own. Many are equal to these,
 * but a change of one must not change the other.
 */
public final class RoomFields {

  // The root of the document.

  public static final String SCHEMA = "schema";
  public static final String TITLE = "title";
  public static final String SETTINGS = "settings";
  public static final String PARTICIPANTS = "participants";
  public static final String CARDS = "cards";
  public static final String WINDOWS = "windows";
  public static final String NOTES = "notes";
  public static final String CHAT = "chat";
  public static final String GENERATION = "generation";
  public static final String RESULTS = "results";
  public static final String JOINED = "joined";
  public static final String COMMENTS = "comments";
  public static final String REACTIONS = "reactions";
  public static final String EDITS = "edits";

  // Fields in several maps.

  public static final String ID = "id";
  public static final String BY = "by";
  public static final String AT = "at";
  public static final String TYPE = "type";
  public static final String TEXT = "text";
  public static final String MODEL = "model";
  public static final String STATUS = "status";
  public static final String QUERY = "query";
  public static final String AFTER = "after";
  public static final String REQUEST = "request";
  public static final String EPOCH = "epoch";

  // settings. The names of the extras are in Settings.Extra.

  public static final String TURN_MODE = "turnMode";
  public static final String MAX_PLAYERS = "maxPlayers";
  public static final String STACK_RULE = "stackRule";
  public static final String SYSTEM_PROMPT = "systemPrompt";
  public static final String SPECTATOR_CHAT = "spectatorChat";
  public static final String SLOTS = "slots";

  // participants/<identity>

  public static final String NAME = "name";
  public static final String AVATAR = "avatar";
  public static final String COLOR = "color";
  public static final String ROLE = "role";
  public static final String JOINED_AT = "joinedAt";
  public static final String REMOVED_BY = "removedBy";

  // cards/<id>

  public static final String IMAGE = "image";
  public static final String ORDER = "order";
  public static final String TURN = "turn";
  public static final String MUTED = "muted";

  // windows/<id>

  public static final String POS = "pos";
  public static final String SIZE = "size";
  public static final String Z = "z";
  public static final String STATE = "state";
  public static final String REF = "ref";
  public static final String PROPS = "props";

  // chat

  public static final String KIND = "kind";
  public static final String REPLY_TO = "replyTo";
  public static final String ALT = "alt";

  // comments/<id>|<identity>

  public static final String TARGET = "target";
  public static final String THREAD = "thread";
  public static final String QUOTED = "quoted";
  public static final String START = "start";
  public static final String END = "end";
  public static final String RESOLVED = "resolved";

  // generation, and the values in it.

  public static final String LOCK = "lock";
  public static final String GRANT = "grant";
  public static final String STOP = "stop";
  public static final String SEEN = "seen";
  public static final String LEASE_UNTIL = "leaseUntil";
  public static final String COMMAND = "command";
  public static final String DO = "do";
  public static final String BEFORE = "before";
  public static final String GRANTS = "grants";
  public static final String QUEUE = "queue";
  public static final String PAUSED = "paused";
  public static final String UNTIL = "until";
  public static final String ATTACH = "attach";
  public static final String FROM = "from";

  // results/<request>

  public static final String PROMPT = "prompt";
  public static final String CHUNKS = "chunks";
  public static final String REASON = "reason";
  public static final String USAGE = "usage";
  public static final String STARTED_AT = "startedAt";
  public static final String ENDED_AT = "endedAt";
  public static final String TTFT_MS = "ttftMs";
  public static final String TOTAL_MS = "totalMs";
  public static final String ENDING = "ending";
  public static final String TOKENS_MAX = "tokensMax";
  public static final String OMITTED = "omitted";

  // results/<request>/usage

  public static final String CALL = "call";
  public static final String ENDPOINT = "endpoint";
  public static final String COST = "costMicros";
  public static final String THOUGHTS = "thoughts";

  public static final String PROMPT_TOKENS = "promptTokens";
  public static final String COMPLETION_TOKENS = "completionTokens";
  public static final String ESTIMATED = "estimated";

  // joined/<operation>

  public static final String PATH = "path";
  public static final String READ = "read";

  private RoomFields() {}
}
