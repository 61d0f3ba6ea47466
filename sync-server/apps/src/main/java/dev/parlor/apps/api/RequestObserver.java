package dev.parlor.apps.api;

import dev.parlor.apps.error.ErrorCode;
import java.util.Optional;

/** Hears of every answered request, for metrics. Safe from any thread; must not block. */
@FunctionalInterface
public interface RequestObserver {

  /** The type to report for a request without a known type. */
  String UNKNOWN_TYPE = "unknown";

  /**
   * A request was answered.
   *
   * @param type a type of the API, for example {@code vibes.diy.req-publish-app}, or {@link
   *     #UNKNOWN_TYPE}
   * @param refusal the code of the refusal; empty if the request succeeded
   * @param nanos from the arrival of the message to its answer
   */
  void answered(String type, Optional<ErrorCode> refusal, long nanos);
}
