package dev.parlor.nats.proof;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What clients of a cluster did and were told, in the order of the calls. Safe from any thread. */
public final class History {

  /** One fact of the history. */
  public sealed interface Event {}

  /**
   * A client was told heads as saved, and they cover a change that it had made.
   *
   * @param change the hash of the client's change
   * @param heads the heads that the client was told
   * @param node the peer id of the server that told them
   * @param atMillis the client's clock, in milliseconds since the epoch
   */
  public record Told(
      String client, String document, String change, List<String> heads, String node, long atMillis)
      implements Event {
    public Told {
      heads = List.copyOf(heads);
    }
  }

  /**
   * The heads of a document at a client, or at a client that knows one node only.
   *
   * @param round the number of the comparison; holders of one round are compared
   */
  public record HeadsAt(int round, String holder, String document, Set<String> heads)
      implements Event {
    public HeadsAt {
      heads = Set.copyOf(heads);
    }
  }

  /** A server closed the socket of an honest client with this code. */
  public record Closed(String client, int code, String node, long atMillis) implements Event {}

  /**
   * A person is about to ask the model in a room. The node may accept the question, refuse it, or
   * not answer.
   *
   * @param question a name of the question that no other question of the history has
   */
  public record Asking(String room, String question) implements Event {}

  /**
   * A node accepted a question.
   *
   * @param question the name of the question, or empty if it has none
   */
  public record Asked(String room, String request, String question) implements Event {

    /** A question without a name. */
    public Asked(String room, String request) {
      this(room, request, "");
    }
  }

  /** A node refused what an honest person may do, with this status of HTTP. */
  public record Refused(String room, String what, int status) implements Event {}

  /** A client watches the answers of a room until the end of the history. */
  public record Watches(String room, String holder) implements Event {}

  /**
   * At the end of the history, the document of a holder shows a request without a final record.
   *
   * @param state what it shows, for example running or waiting
   */
  public record Unfinished(String room, String request, String state, String holder)
      implements Event {}

  /**
   * A record of a request's result with an end, as one holder has it.
   *
   * @param epoch the epoch of the run; 0 if the request was refused without a run
   */
  public record Ended(
      String room, String request, long epoch, String status, String text, String holder)
      implements Event {}

  /**
   * The endpoint of the model received a call for a room.
   *
   * @param question the name of the question, or empty if it has none
   */
  public record ModelCall(String room, String question, long atMillis) implements Event {

    /** A call for a question without a name. */
    public ModelCall(String room, long atMillis) {
      this(room, "", atMillis);
    }
  }

  /**
   * Something that may take effect once did take effect.
   *
   * @param kind for example ticket, place or idempotency key
   * @param key the ticket, the invitation with the number of the place, or the key; never a secret
   *     that is still valid
   * @param effect what came of it; the same effect told twice counts once
   */
  public record Effect(String kind, String key, String effect) implements Event {}

  private final List<Event> events = new ArrayList<>();

  /** Adds an event. */
  public synchronized void add(Event event) {
    events.add(event);
  }

  /** The events until now. */
  public synchronized List<Event> events() {
    return List.copyOf(events);
  }

  /** The events of one kind until now. */
  public <E extends Event> List<E> events(Class<E> kind) {
    return events().stream().filter(kind::isInstance).map(kind::cast).toList();
  }
}
