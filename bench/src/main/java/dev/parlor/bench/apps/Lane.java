package dev.parlor.bench.apps;

/** One client of a load, which sends the next request of its kind. Owned by the loop's thread. */
interface Lane {

  /**
   * Sends the next request. A lane that can have one request only keeps further requests in a queue
   * of its own.
   *
   * @param answered called when the answer is complete; a refusal ends the benchmark instead
   */
  void send(Runnable answered);
}
