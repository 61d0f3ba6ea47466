package dev.parlor.terminal;

/** Something that the person must know and mend; the message is one sentence. */
final class TerminalException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TerminalException(String sentence) {
    super(sentence);
  }
}
