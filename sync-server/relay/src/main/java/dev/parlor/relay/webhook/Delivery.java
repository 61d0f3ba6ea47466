package dev.parlor.relay.webhook;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.deletion.Tombstone;
import dev.parlor.relay.document.DocumentChanges;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * A delivery: the state of one document, as JSON. Repeated attempts send the same delivery.
 *
 * @param id the id, which is new for each delivery
 * @param heads the heads that the delivery tells; empty if it tells none
 */
record Delivery(String id, String text, List<ChangeHash> heads) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The kinds of deliveries. */
  enum Type {
    CREATED("document.created"),
    CHANGED("document.changed"),
    DELETED("document.deleted"),
    RESTORED("document.restored");

    private final String text;

    Type(String text) {
      this.text = text;
    }
  }

  Delivery {
    heads = List.copyOf(heads);
  }

  /** The content of a document that is not deleted. */
  static Delivery ofContent(
      Type type, String id, DocumentId document, DocumentChanges changes, Instant now) {
    var data = JSON.createObjectNode().put("documentId", document.value());
    addChanges(data, changes);
    return new Delivery(id, text(type, data, now), changes.heads());
  }

  private static void addChanges(ObjectNode data, DocumentChanges changes) {
    add(data.putArray("heads"), changes.heads());
    var actors = changes.actors(FixedLimits.EVENT_ACTORS_MAX);
    add(data.putArray("actors"), actors);
    data.put("changes", changes.chunks().size());
  }

  private static void add(ArrayNode array, Iterable<?> values) {
    values.forEach(value -> array.add(value.toString()));
  }

  /** The deletion of a document. */
  static Delivery ofDeletion(String id, DocumentId document, Tombstone tombstone, Instant now) {
    var data =
        JSON.createObjectNode()
            .put("documentId", document.value())
            .put("removed", tombstone.isRemoved());
    tombstone
        .keptUntil()
        .ifPresent(
            until -> data.put("keptUntil", until.truncatedTo(ChronoUnit.SECONDS).toString()));
    return new Delivery(id, text(Type.DELETED, data, now), List.of());
  }

  private static String text(Type type, ObjectNode data, Instant now) {
    var json = JSON.createObjectNode().put("type", type.text).put("timestamp", now.toString());
    json.set("data", data);
    return json.toString();
  }

  byte[] body() {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
