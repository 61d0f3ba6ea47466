package dev.parlor.apps.api;

import java.util.Optional;

/**
 * The sender of a request.
 *
 * @param userId empty for an anonymous request, which only few types of requests allow
 */
record Caller(Optional<String> userId) {

  /** The user; the dispatcher lets anonymous requests through only where they are allowed. */
  String user() {
    return userId.orElseThrow();
  }
}
