package dev.parlor.relay.documents.http;

import dev.parlor.relay.address.ClientAddresses;
import dev.parlor.relay.address.Origins;
import dev.parlor.relay.config.DocumentApiLimits;
import dev.parlor.relay.deletion.Deletions;
import dev.parlor.relay.documents.Documents;
import dev.parlor.relay.http.HttpRoutes;
import dev.parlor.relay.socket.Authenticator.Outcome;
import dev.parlor.relay.stream.DocumentStreams;
import io.helidon.webserver.http.HttpRouting;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The HTTP API for documents that are not rooms, below {@value #PATH}. The owner of the web server
 * adds its routes after the filters that check the Host header.
 */
public final class DocumentsHttp implements HttpRoutes {
  static final String PATH = "/api/documents";

  private final DocumentRouter router;

  /**
   * @param deletions deletes documents, and tells deleted documents from those that never were
   * @param streams the streams of events
   * @param authenticate decides about the bearer token of a request
   * @param operators recognizes requests of the operator, whatever the access is
   * @param origins the origins whose pages may use the server
   */
  public DocumentsHttp(
      Documents documents,
      Deletions deletions,
      DocumentStreams streams,
      Function<Optional<String>, Outcome> authenticate,
      OperatorRequests operators,
      Origins origins,
      ClientAddresses addresses,
      DocumentApiLimits limits) {
    router =
        new DocumentRouter(
            new DocumentRouter.Parts(
                documents,
                deletions,
                authenticate,
                operators,
                origins,
                addresses,
                limits,
                System::nanoTime));
    for (var routes :
        List.<DocumentRoutes>of(
            new ReadRoutes(documents),
            new WriteRoutes(documents, deletions),
            new ListRoutes(documents, origins.isLocalOnly()),
            new DeletionRoutes(deletions),
            new EventRoutes(streams))) {
      routes.addTo(router);
    }
  }

  @Override
  public void addTo(HttpRouting.Builder routing) {
    router.addTo(routing);
  }
}
