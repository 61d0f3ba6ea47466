package dev.parlor.relay.documents.http;

/** A group of endpoints below {@code /api/documents}. */
@FunctionalInterface
interface DocumentRoutes {
  void addTo(DocumentRouter router);
}
