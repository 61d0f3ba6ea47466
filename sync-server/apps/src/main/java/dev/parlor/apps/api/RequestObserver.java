package dev.parlor.apps.api;

import dev.parlor.apps.error.ErrorCode;
import java.util.Optional;

/**
 * Hears of every answered request, for metrics and the log. Safe from any thread; must not block.
 */
@FunctionalInterface
public interface RequestObserver {

  /** The type to report for a request without a known type. */
  String UNKNOWN_TYPE = "unknown";

  /** A request was answered. */
  void answered(AnsweredRequest request);

  /**
   * An answered request. It has nothing of the body but its type and the client's id.
   *
   * @param type a type of the API, for example {@code vibes.diy.req-publish-app}, or {@link
   *     #UNKNOWN_TYPE}
   * @param tid the client's id of the request, as the client chose it; empty if it has none
   * @param userId the proved user; empty if the request was refused before, or needs none
   * @param refusal the code of the refusal; empty if the request succeeded
   * @param nanos from the arrival of the message to its answer
   * @param bytesIn bytes of the message; 0 if it was not read
   * @param bytesOut bytes of the answer
   */
  record AnsweredRequest(
      String type,
      String tid,
      Optional<String> userId,
      Optional<ErrorCode> refusal,
      long nanos,
      int bytesIn,
      int bytesOut) {}
}
