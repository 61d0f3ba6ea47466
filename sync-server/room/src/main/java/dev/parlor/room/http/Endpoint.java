package dev.parlor.room.http;

/** A handler of requests. It may wait for a commit and may throw {@link ProblemException}. */
@FunctionalInterface
interface Endpoint {
  Reply handle(HttpCall call);
}
