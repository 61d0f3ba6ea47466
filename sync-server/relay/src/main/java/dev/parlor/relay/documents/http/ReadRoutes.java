package dev.parlor.relay.documents.http;

import dev.parlor.relay.documents.DocumentFault;
import dev.parlor.relay.documents.DocumentFault.Kind;
import dev.parlor.relay.documents.Documents;
import dev.parlor.relay.documents.Documents.Form;
import io.helidon.http.HeaderNames;

/** Reads one document, as JSON or as a file. */
final class ReadRoutes implements DocumentRoutes {
  static final String FILE_TYPE = "application/octet-stream";

  private final Documents documents;

  ReadRoutes(Documents documents) {
    this.documents = documents;
  }

  @Override
  public void addTo(DocumentRouter router) {
    router.get(DocumentsHttp.PATH + "/{id}.automerge", call -> show(call, Form.FILE));
    router.get(DocumentsHttp.PATH + "/{id}", call -> show(call, form(call)));
  }

  private Reply show(DocumentCall call, Form form) {
    var granted = call.access().read(call.document());
    var tags = call.header(HeaderNames.IF_NONE_MATCH);
    var read =
        documents.read(
            granted.document(),
            form,
            call.heads(),
            heads -> tags.filter(known -> ETags.matches(known, ETags.of(heads))).isPresent());
    var reply =
        read.body().isEmpty()
            ? Reply.empty(304)
            : Reply.of(form == Form.FILE ? FILE_TYPE : Reply.JSON_TYPE, read.body());
    return reply.header("ETag", ETags.of(read.heads())).header("Vary", "Accept");
  }

  private static Form form(DocumentCall call) {
    var form = call.query("form");
    if (form.isPresent()) {
      return switch (form.get()) {
        case "plain" -> Form.PLAIN;
        case "typed" -> Form.TYPED;
        default -> throw DocumentFault.field(Kind.MALFORMED, "form", "form is plain or typed");
      };
    }
    return call.header(HeaderNames.ACCEPT).filter(types -> types.contains(FILE_TYPE)).isPresent()
        ? Form.FILE
        : Form.PLAIN;
  }
}
