package dev.parlor.room.worker;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An event of a room, as {@code docs/http-api.md} describes it.
 *
 * @param id {@code <opening>-<n>}: a random id of the room's opening, and the number of the event,
 *     from 1 without gaps
 * @param name one of the constants below
 * @param at milliseconds since the epoch
 * @param data strings, numbers, booleans and lists of them, in a stable order
 */
public record RoomEvent(String id, String name, long at, Map<String, Object> data) {
  public RoomEvent {
    data = Collections.unmodifiableMap(new LinkedHashMap<>(data));
  }

  public static final String PLAYER_JOINED = "player-joined";
  public static final String PLAYER_LEFT = "player-left";
  public static final String CARD_PLAYED = "card-played";
  public static final String TURN_CHANGED = "turn-changed";
  public static final String CHAT = "chat";

  /**
   * A window changed. Its field {@code change} is {@code opened}, {@code closed}, {@code
   * minimized}, {@code moved}, {@code resized}, {@code parameters}, {@code renamed}, {@code
   * changed} or {@code removed}.
   */
  public static final String WINDOW = "window";

  public static final String GENERATION_QUEUED = "generation-queued";
  public static final String QUEUE_PAUSED = "queue-paused";
  public static final String QUEUE_RESUMED = "queue-resumed";
  public static final String GENERATION_STARTED = "generation-started";

  /** An endpoint is asked: its name, the model and the times after which the call fails. */
  public static final String GENERATION_WAITING = "generation-waiting";

  /** The model thinks; its thoughts are in the result. */
  public static final String GENERATION_THINKING = "generation-thinking";

  /** A sentence about the call, for example that another endpoint is asked. */
  public static final String GENERATION_NOTE = "generation-note";

  /** An attempt failed: the reason, and the milliseconds until the endpoint is asked again. */
  public static final String GENERATION_RETRY = "generation-retry";

  /** The text so far was thoughts; the answer begins again. */
  public static final String GENERATION_RESTART = "generation-restart";

  public static final String GENERATION_DELTA = "generation-delta";
  public static final String GENERATION_DONE = "generation-done";
  public static final String GENERATION_STOPPED = "generation-stopped";
  public static final String GENERATION_FAILED = "generation-failed";

  /** A peer wrote values that only the server may write; the server has restored them. */
  public static final String FORGED_WRITE = "forged-write";
}
