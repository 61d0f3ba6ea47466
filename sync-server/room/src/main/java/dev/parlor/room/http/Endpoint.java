package dev.parlor.room.http;

/** Handles one kind of request. It may wait for a commit and may throw {@link ProblemException}. */
@FunctionalInterface
interface Endpoint {
  Reply handle(HttpCall call);
}
