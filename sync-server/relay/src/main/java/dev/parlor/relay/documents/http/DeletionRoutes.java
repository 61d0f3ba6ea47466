package dev.parlor.relay.documents.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.deletion.Deletions;
import dev.parlor.relay.deletion.Deletions.Outcome;
import dev.parlor.relay.deletion.Tombstone;
import dev.parlor.relay.documents.DocumentFault;
import dev.parlor.relay.documents.DocumentFault.Kind;
import java.io.IOException;
import java.time.temporal.ChronoUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes and restores documents, for their owners. */
final class DeletionRoutes implements DocumentRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(DeletionRoutes.class);

  private final Deletions deletions;

  DeletionRoutes(Deletions deletions) {
    this.deletions = deletions;
  }

  @Override
  public void addTo(DocumentRouter router) {
    router.delete(DocumentsHttp.PATH + "/{id}", this::delete);
    router.post(DocumentsHttp.PATH + "/{id}/restore", this::restore);
  }

  private Reply delete(DocumentCall call) {
    var hard = isHard(call);
    var document = call.access().ownAlsoDeleted(call.document()).document();
    return reply(carryOut(document, () -> deletions.delete(document, hard)));
  }

  private static boolean isHard(DocumentCall call) {
    return switch (call.query("hard").orElse("false")) {
      case "true" -> true;
      case "false" -> false;
      default -> throw DocumentFault.field(Kind.MALFORMED, "hard", "hard is true or false");
    };
  }

  private Reply restore(DocumentCall call) {
    var document = call.access().ownAlsoDeleted(call.document()).document();
    return reply(carryOut(document, () -> deletions.restore(document)));
  }

  /** An order to the deletions. */
  @FunctionalInterface
  private interface Order {
    Outcome carryOut() throws IOException;
  }

  private static Outcome carryOut(DocumentId document, Order order) {
    try {
      return order.carryOut();
    } catch (IOException e) {
      LOG.warn("document {} was not deleted or restored", document, e);
      throw DocumentFault.unavailable(
          "disk", "the disk refused or did not answer in time; try again");
    }
  }

  private static Reply reply(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Done(var tombstone) -> done(tombstone);
      case Outcome.Gone(var tombstone) ->
          throw DocumentFault.of(
              Kind.DELETED,
              "deleted",
              tombstone.isRemoved()
                  ? "the document was deleted, and its data is removed"
                  : "the document was deleted; it can be restored");
      case Outcome.NotDeleted() ->
          throw DocumentFault.of(Kind.CONFLICT, "not-deleted", "the document is not deleted");
      case Outcome.Unknown() -> throw DocumentFault.notFound();
    };
  }

  private static Reply done(Tombstone tombstone) {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("deleted", tombstone.isDeletion());
    if (tombstone.isDeletion()) {
      json.put("removed", tombstone.isRemoved());
      tombstone
          .keptUntil()
          .ifPresent(
              until -> json.put("keptUntil", until.truncatedTo(ChronoUnit.SECONDS).toString()));
    }
    return Reply.json(200, json);
  }
}
