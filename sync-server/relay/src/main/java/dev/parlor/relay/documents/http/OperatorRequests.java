package dev.parlor.relay.documents.http;

import io.helidon.webserver.http.ServerRequest;

/** Recognizes requests of the operator, who owns every document. Never blocks. */
@FunctionalInterface
public interface OperatorRequests {

  /**
   * Whether this is a request of the operator.
   *
   * @param hasToken whether the request carries a bearer token. A token of a user must not count as
   *     the operator, even if requests without a token do
   */
  boolean isOperator(ServerRequest request, boolean hasToken);

  /** A server without an administration. */
  static OperatorRequests none() {
    return (_, _) -> false;
  }
}
