package dev.parlor.relay.documents.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.deletion.Deletions;
import dev.parlor.relay.documents.DocumentFault;
import dev.parlor.relay.documents.DocumentFault.Kind;
import dev.parlor.relay.documents.Documents;
import dev.parlor.relay.documents.Documents.KnownState;
import dev.parlor.relay.documents.Patch;
import io.helidon.http.HeaderNames;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Patches, creates and copies documents. */
final class WriteRoutes implements DocumentRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(WriteRoutes.class);
  private static final String MERGE_PATCH = "application/merge-patch+json";
  private static final String JSON_PATCH = "application/json-patch+json";

  private final Documents documents;
  private final Deletions deletions;

  WriteRoutes(Documents documents, Deletions deletions) {
    this.documents = documents;
    this.deletions = deletions;
  }

  @Override
  public void addTo(DocumentRouter router) {
    router.post(DocumentsHttp.PATH, this::create);
    router.patch(DocumentsHttp.PATH + "/{id}", this::patch);
    router.post(DocumentsHttp.PATH + "/{id}/copy", this::copy);
  }

  private Reply patch(DocumentCall call) {
    var granted = call.access().write(call.document());
    var patch = readPatch(call);
    var heads =
        documents.patch(
            granted.document(),
            granted.caller(),
            patch,
            call.header(HeaderNames.IF_MATCH).map(WriteRoutes::expected));
    return Reply.empty(204).header("ETag", ETags.of(heads));
  }

  private static KnownState expected(String ifMatch) {
    return heads -> ETags.matchesStrongly(ifMatch, ETags.of(heads));
  }

  private Patch readPatch(DocumentCall call) {
    return switch (call.mediaType()) {
      case MERGE_PATCH -> documents.readMergePatch(call.body(call.limits().jsonBytesMax()));
      case JSON_PATCH -> documents.readJsonPatch(call.body(call.limits().jsonBytesMax()));
      default ->
          throw DocumentFault.of(
              Kind.WRONG_TYPE,
              "wrong-content-type",
              "the Content-Type is " + MERGE_PATCH + " or " + JSON_PATCH);
    };
  }

  private Reply create(DocumentCall call) {
    return switch (call.mediaType()) {
      case Reply.JSON_TYPE -> createFromJson(call);
      case ReadRoutes.FILE_TYPE -> createFromFile(call);
      default ->
          throw DocumentFault.of(
              Kind.WRONG_TYPE,
              "wrong-content-type",
              "the Content-Type is " + Reply.JSON_TYPE + " or " + ReadRoutes.FILE_TYPE);
    };
  }

  private Reply createFromJson(DocumentCall call) {
    var body = documents.readJson(call.body(call.limits().jsonBytesMax()));
    var content = Patch.requireObject(body);
    var granted = call.access().create(documents.newId());
    return created(
        granted.document(), () -> documents.create(granted.document(), granted.caller(), content));
  }

  private Reply createFromFile(DocumentCall call) {
    var file = documents.readFile(call.body(call.limits().fileBytesMax()));
    var granted = call.access().create(documents.newId());
    return created(
        granted.document(), () -> documents.create(granted.document(), granted.caller(), file));
  }

  private Reply copy(DocumentCall call) {
    var source = call.access().read(call.document());
    var history = documents.copyOf(source.document(), call.heads());
    var granted = call.access().create(documents.newId());
    return created(
        granted.document(), () -> documents.create(granted.document(), granted.caller(), history));
  }

  /** Creates a document wholly or not at all. */
  private Reply created(DocumentId document, Supplier<List<ChangeHash>> creation) {
    List<ChangeHash> heads;
    try {
      heads = creation.get();
    } catch (RuntimeException e) {
      discard(document);
      throw e;
    }
    var json =
        JsonNodeFactory.instance
            .objectNode()
            .put("id", document.value())
            .put("url", document.url());
    return Reply.json(201, json)
        .header("Location", DocumentsHttp.PATH + "/" + document.value())
        .header("ETag", ETags.of(heads));
  }

  /** Removes a document whose first changes may be stored, although a later change was refused. */
  private void discard(DocumentId document) {
    try {
      documents.flush(document);
      var _ = deletions.delete(document, true);
    } catch (IOException | RuntimeException e) {
      LOG.warn("document {} was created in part and could not be removed", document, e);
    }
  }
}
