package dev.parlor.server.http;

/** Answers one kind of request; may wait for a commit, and may throw {@link ProblemException}. */
@FunctionalInterface
interface Endpoint {
  Reply handle(HttpCall ask);
}
