package dev.parlor.client;

import dev.parlor.client.connection.ConnectionState;
import dev.parlor.client.connection.Exchange;
import dev.parlor.client.connection.ServerConnection;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.wire.WireMessage;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Syncs the open documents over the connection. All methods run on the loop. */
final class SyncLoop implements Exchange {

  /** The open documents of the repository. */
  interface Documents {
    Collection<DocumentHandle> open();

    /** The document, if it is open or stored. */
    Optional<DocumentHandle> known(DocumentId id);
  }

  /** An author's session in a document, whose messages have growing counts [EP2]. */
  private record Session(DocumentId document, PeerId author, SessionId id) {}

  private static final int SESSIONS_MAX = 1_000;

  private final Documents documents;
  private final SessionId session;
  private final Consumer<Problem> problems;
  private final Consumer<ConnectionState> states;
  private @Nullable ServerConnection connection;
  private ConnectionState.@Nullable Connected server;

  /** The documents with new changes that wait until the connection is no longer busy. */
  private final Set<DocumentHandle> delayed = new LinkedHashSet<>();

  private long ephemeralCount;

  private final Map<Session, Long> ephemeralCounts =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Session, Long> eldest) {
          return size() > SESSIONS_MAX;
        }
      };

  SyncLoop(
      Documents documents,
      SessionId session,
      Consumer<Problem> problems,
      Consumer<ConnectionState> states) {
    this.documents = documents;
    this.session = session;
    this.problems = problems;
    this.states = states;
  }

  /** Sets the connection, before it dials. */
  void use(ServerConnection used) {
    connection = used;
  }

  /** Begins to sync a document that was opened. */
  void attach(DocumentHandle handle) {
    if (server != null) {
      handle.document().connected(server.durableHeads());
      flush(handle);
    }
  }

  /** Sends what the server lacks of the document, or asks for it. */
  void flush(DocumentHandle handle) {
    if (connection == null || server == null) {
      return;
    }
    if (connection.isBusy()) {
      delayed.add(handle);
      return;
    }
    var to = server.server();
    var self = connection.self();
    var id = handle.id();
    var next = handle.document().next();
    if (next.isPresent()) {
      var data = next.get().data();
      connection.send(
          next.get().isRequest()
              ? new WireMessage.Request(self, to, id, data)
              : new WireMessage.Sync(self, to, id, data));
    }
  }

  /** Sends an ephemeral message; dropped without a connection, or if it is busy. */
  void sendEphemeral(DocumentId document, Bytes data) {
    if (connection != null && server != null && !connection.isBusy()) {
      connection.send(
          new WireMessage.Ephemeral(
              connection.self(), server.server(), document, session, ++ephemeralCount, data));
    }
  }

  @Override
  public void joined(ConnectionState.Connected joined) {
    server = joined;
    documents.open().forEach(this::attach);
  }

  @Override
  public void received(WireMessage.OfDocument message) {
    var known = documents.known(message.documentId());
    if (known.isEmpty()) {
      if (message instanceof WireMessage.Request && connection != null && server != null) {
        connection.send(
            new WireMessage.DocUnavailable(
                connection.self(), server.server(), message.documentId()));
      }
      return;
    }
    var handle = known.get();
    switch (message) {
      case WireMessage.Sync sync -> sync(handle, sync.data());
      case WireMessage.Request request -> sync(handle, request.data());
      case WireMessage.DocUnavailable _ ->
          complete(handle.document().unavailable("the server does not have it"));
      case WireMessage.Ephemeral ephemeral -> ephemeral(handle, ephemeral);
      case WireMessage.RemoteHeadsChanged _ -> {}
    }
  }

  private void sync(DocumentHandle handle, Bytes data) {
    switch (handle.document().receive(data)) {
      case Decoding.Malformed<LocalDocument.Received>(var rule, var reason) -> {
        if (connection != null) {
          connection.fail("the server sent a malformed sync message [" + rule + "]: " + reason);
        }
      }
      case Decoding.Decoded<LocalDocument.Received>(var received) -> {
        for (var reason : received.refused()) {
          problems.accept(new Problem(Problem.Kind.CHANGE_NOT_USABLE, handle.id(), reason));
        }
        complete(received.outcome());
        flush(handle);
      }
    }
  }

  private void ephemeral(DocumentHandle handle, WireMessage.Ephemeral message) {
    var key = new Session(message.documentId(), message.senderId(), message.sessionId());
    var last = ephemeralCounts.getOrDefault(key, Long.MIN_VALUE);
    if (message.count() > last && !message.sessionId().equals(session)) {
      ephemeralCounts.put(key, message.count());
      handle.ephemeralReceived(
          new EphemeralMessage(handle, message.senderId(), message.sessionId(), message.data()));
    }
  }

  @Override
  public void refused(DocumentId document, String reason) {
    problems.accept(new Problem(Problem.Kind.CHANGE_REFUSED, document, reason));
    documents.known(document).ifPresent(handle -> complete(handle.document().refused(reason)));
  }

  @Override
  public void writable() {
    var waiting = List.copyOf(delayed);
    delayed.clear();
    waiting.forEach(this::flush);
  }

  @Override
  public void lost() {
    server = null;
    delayed.clear();
    documents.open().forEach(handle -> handle.document().disconnected());
  }

  @Override
  public void changed(ConnectionState state) {
    states.accept(state);
    if (state instanceof ConnectionState.Stopped(var end)) {
      documents.open().forEach(handle -> complete(handle.document().unavailable(end.describe())));
    }
  }

  /** Completes futures on a thread of its own: a program may do anything in what follows them. */
  private static void complete(LocalDocument.Outcome outcome) {
    if (!outcome.isEmpty()) {
      Thread.ofVirtual().name("parlor-client-futures").start(outcome::run);
    }
  }
}
