package dev.parlor.relay.documents.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.relay.documents.DocumentFault;
import dev.parlor.relay.documents.DocumentFault.Kind;
import dev.parlor.relay.documents.Documents;
import dev.parlor.relay.documents.HistoryPage;
import java.time.DateTimeException;
import java.time.Instant;

/** Lists documents, and the changes of one document. */
final class ListRoutes implements DocumentRoutes {

  /** Times above this are milliseconds, since as seconds they would be after the year 5000. */
  private static final long SECONDS_MAX = 100_000_000_000L;

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final Documents documents;
  private final boolean listsWithoutToken;

  /**
   * @param listsWithoutToken whether a server without tokens lists its documents. To other people's
   *     clients it must not: there, the id of a document is all that a client needs
   */
  ListRoutes(Documents documents, boolean listsWithoutToken) {
    this.documents = documents;
    this.listsWithoutToken = listsWithoutToken;
  }

  @Override
  public void addTo(DocumentRouter router) {
    router.get(DocumentsHttp.PATH, this::list);
    router.get(DocumentsHttp.PATH + "/{id}/history", this::history);
  }

  private static int limit(DocumentCall call) {
    return call.queryInt("limit", 1, call.limits().pageMax()).orElse(call.limits().pageDefault());
  }

  private Reply list(DocumentCall call) {
    if (call.access().isOpen() && !listsWithoutToken) {
      throw DocumentFault.of(
          Kind.FORBIDDEN,
          "list-closed",
          "a server that takes no tokens lists its documents only on this machine; see"
              + " PARLOR_SYNC_ACCESS");
    }
    var page = documents.list(call.query("after"), limit(call), call.access()::isListed);
    var json = NODES.objectNode();
    var list = json.putArray("documents");
    for (var document : page.documents()) {
      list.addObject().put("id", document.value()).put("url", document.url());
    }
    page.next().ifPresent(next -> json.put("next", next));
    return Reply.json(200, json);
  }

  private Reply history(DocumentCall call) {
    var granted = call.access().read(call.document());
    var after = call.query("after").map(ListRoutes::change);
    var page = documents.history(granted.document(), call.heads(), after, limit(call));
    var json = NODES.objectNode();
    var heads = json.putArray("heads");
    page.heads().forEach(head -> heads.add(head.toString()));
    json.put("total", page.total());
    var changes = json.putArray("changes");
    for (var change : page.changes()) {
      var entry =
          changes
              .addObject()
              .put("hash", change.hash().toString())
              .put("actor", change.actor().toString())
              .put("seq", change.sequence());
      addTime(entry, change);
      if (!change.message().isEmpty()) {
        entry.put("message", change.message());
      }
      var dependencies = entry.putArray("deps");
      change.dependencies().forEach(hash -> dependencies.add(hash.toString()));
    }
    page.next().ifPresent(next -> json.put("next", next.toString()));
    return Reply.json(200, json).header("ETag", ETags.of(page.heads()));
  }

  /** Adds the time that the author wrote, in ISO 8601. It is untrusted. */
  private static void addTime(ObjectNode entry, HistoryPage.Entry change) {
    var time = change.time();
    if (time <= 0) {
      return;
    }
    try {
      var instant = time > SECONDS_MAX ? Instant.ofEpochMilli(time) : Instant.ofEpochSecond(time);
      entry.put("time", instant.toString());
    } catch (DateTimeException _) {
      // A time outside the years that can be written is left out.
    }
  }

  private static ChangeHash change(String text) {
    return switch (ChangeHash.parse(text)) {
      case Decoding.Decoded<ChangeHash>(var hash) -> hash;
      case Decoding.Malformed<ChangeHash>(_, var reason) ->
          throw DocumentFault.field(Kind.MALFORMED, "after", reason);
    };
  }
}
