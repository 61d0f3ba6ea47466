package dev.parlor.relay.socket;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.cluster.NodeMessages;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Peer ids across nodes [HS4]. A node tells the other nodes of each peer that joins. A node that
 * holds the same id in an earlier connection closes that connection, or, if the newcomer may not
 * have the id, tells the newcomer's node to refuse it.
 *
 * <p>Joins are ordered without a common clock. Each join has a number that is larger than every
 * number that its node used or received before; the node's name decides between equal numbers. So a
 * peer that moves to another node has the later join there, and of two joins at the same time one
 * stays. If a message is lost, both connections stay open until one ends. Safe from any thread.
 */
final class SharedPeers {
  private static final Logger LOG = LoggerFactory.getLogger(SharedPeers.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TOPIC = "peers";

  /**
   * The place of a join in the order of all joins.
   *
   * @param node the node to which the peer is connected
   */
  record Join(long number, String node) implements Comparable<Join> {
    @Override
    public int compareTo(Join other) {
      var order = Long.compare(number, other.number);
      return order == 0 ? node.compareTo(other.node) : order;
    }
  }

  /** A peer id within the scope of its connection. */
  record Key(Optional<DocumentId> scope, PeerId peer) {}

  /** The connections of this node. */
  interface Holders {
    /** A peer joined on another node. */
    void joined(Key key, Join join, Caller caller);

    /** Another node refuses a peer that joined here, because the id belongs to another identity. */
    void refused(Key key, Join join);
  }

  private final NodeMessages messages;
  private final String self;
  private final Holders holders;
  private long lastNumber;

  /**
   * @param self the name of this node
   */
  SharedPeers(NodeMessages messages, String self, Holders holders) {
    this.messages = messages;
    this.self = self;
    this.holders = holders;
  }

  /** Begins to receive what other nodes tell. */
  void start() {
    // A join takes no lock that is held during I/O, so the thread of the messages may do it.
    messages.subscribe(TOPIC, this::received);
  }

  /** The place of a join that happens now. */
  synchronized Join next() {
    lastNumber++;
    return new Join(lastNumber, self);
  }

  private synchronized void heard(long number) {
    lastNumber = Math.max(lastNumber, number);
  }

  /** Tells the other nodes of a peer that joined here. */
  void tellJoined(Key key, Join join, Caller caller) {
    publish("joined", key, join, Optional.of(caller));
  }

  /** Tells another node that the peer of this join may not have its id. */
  void tellRefused(Key key, Join join) {
    publish("refused", key, join, Optional.empty());
  }

  private void publish(String event, Key key, Join join, Optional<Caller> caller) {
    var json =
        JSON.createObjectNode()
            .put("event", event)
            .put("peer", key.peer.value())
            .put("number", join.number)
            .put("node", join.node);
    key.scope.ifPresent(scope -> json.put("scope", scope.value()));
    caller.ifPresent(
        who -> {
          json.put("role", who.role().name());
          who.identity().ifPresent(identity -> json.put("identity", identity));
        });
    messages.publish(TOPIC, Bytes.utf8(json.toString()));
  }

  private void received(Bytes message) {
    JsonNode json;
    try {
      json = JSON.readTree(message.toArray());
    } catch (JacksonException e) {
      LOG.error("another node sent a message about peers in an unknown form", e);
      return;
    } catch (IOException e) {
      throw new IllegalStateException("bytes in memory are always readable", e);
    }
    var scope = text(json, "scope").map(DocumentId::parse);
    var key =
        new Key(
            scope.isPresent() && scope.get() instanceof Decoding.Decoded<DocumentId>(var document)
                ? Optional.of(document)
                : Optional.empty(),
            new PeerId(json.path("peer").asText()));
    var join = new Join(json.path("number").asLong(), json.path("node").asText());
    heard(join.number);
    if (json.path("event").asText().equals("refused")) {
      if (join.node.equals(self)) {
        holders.refused(key, join);
      }
      return;
    }
    role(json.path("role").asText())
        .ifPresent(
            role ->
                holders.joined(key, join, new Caller(text(json, "identity"), role, key.scope())));
  }

  private static Optional<String> text(JsonNode json, String field) {
    return Optional.ofNullable(json.get(field)).map(JsonNode::asText);
  }

  private static Optional<Role> role(String name) {
    try {
      return Optional.of(Role.valueOf(name.toUpperCase(Locale.ROOT)));
    } catch (IllegalArgumentException e) {
      LOG.error("a newer node sent the unknown role {}", name);
      return Optional.empty();
    }
  }
}
