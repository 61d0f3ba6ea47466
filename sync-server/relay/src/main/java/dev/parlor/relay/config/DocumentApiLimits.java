package dev.parlor.relay.config;

/**
 * The limits of the HTTP API for documents. Each name carries the unit, and each comment says what
 * happens at the limit. The limits of changes and documents ({@link Limits}) apply too.
 *
 * @param requestsPerMinuteMax requests of one subject, or of one address if the server takes no
 *     tokens; above: 429
 * @param requestsMax requests that read, and requests that write, which are handled at the same
 *     time; above: 503
 * @param waitMillisMax time for a body to arrive; then: 408. Also the time for a document to be
 *     read or stored; then: 503
 * @param jsonBytesMax bytes of a JSON body; above: 413
 * @param fileBytesMax bytes of an {@code .automerge} body; above: 413
 * @param jsonDepthMax levels of nested objects and arrays in a JSON body; above: 400
 * @param patchOperationsMax operations of one JSON patch; above: 422
 * @param operationsMax operations of a document that is read as JSON or patched; above: 413, and
 *     the document is available as a file only
 * @param answerBytesMax bytes of a document as JSON; above: 413
 * @param pageMax entries of one page of a list; above: 400
 * @param pageDefault entries of a page if the request does not say
 * @param scannedMax documents that one page of the list looks at; above: the page ends early
 * @param headsMax heads in a query or a header; above: 400
 */
public record DocumentApiLimits(
    int requestsPerMinuteMax,
    int requestsMax,
    int waitMillisMax,
    int jsonBytesMax,
    int fileBytesMax,
    int jsonDepthMax,
    int patchOperationsMax,
    int operationsMax,
    int answerBytesMax,
    int pageMax,
    int pageDefault,
    int scannedMax,
    int headsMax) {

  private static final int MIB = 1024 * 1024;

  /** The limits of every server. */
  public static DocumentApiLimits defaults() {
    return new DocumentApiLimits(
        600, 16, 30_000, 4 * MIB, 16 * MIB, 60, 1_000, 1_000_000, 64 * MIB, 1_000, 100, 1_000, 64);
  }
}
