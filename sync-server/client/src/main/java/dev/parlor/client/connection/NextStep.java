package dev.parlor.client.connection;

/** What follows after the end of a connection; see the close codes in {@code docs/protocol.md}. */
enum NextStep {
  /** Dial again after the usual pause. */
  RETRY,
  /** Dial again, but not before the pause for a busy server. */
  RETRY_LATER,
  /** Ask for a new address and dial at once. */
  NEW_ADDRESS,
  /** Do not dial again: the next attempt would end in the same way. */
  STOP;

  private static final int BUSY = 1013;
  private static final int TOKEN_EXPIRED = 4002;
  private static final int FINAL_MIN = 4400;
  private static final int FINAL_MAX = 4499;

  /**
   * Decides by the end of a connection.
   *
   * @param addressIsFixed whether every attempt has the same address, and so the same token
   */
  static NextStep after(ConnectionEnd end, boolean addressIsFixed) {
    return switch (end) {
      case ConnectionEnd.Closed(var code, _) when code == BUSY -> RETRY_LATER;
      case ConnectionEnd.Closed(var code, _) when code == TOKEN_EXPIRED ->
          addressIsFixed ? STOP : NEW_ADDRESS;
      case ConnectionEnd.Closed(var code, _) when code >= FINAL_MIN && code <= FINAL_MAX -> STOP;
      case ConnectionEnd.Closed _, ConnectionEnd.Failed _ -> RETRY;
      case ConnectionEnd.Refused(var status) ->
          switch (status) {
            case 400, 401, 403, 404, 410 -> addressIsFixed ? STOP : RETRY_LATER;
            case 429, 503 -> RETRY_LATER;
            default -> RETRY;
          };
    };
  }
}
