package dev.parlor.relay.tls;

/**
 * A certificate or key file cannot be used. The message completes a sentence that begins with the
 * setting and the file, for example <i>is empty</i>.
 */
public final class TlsFileException extends Exception {
  private static final long serialVersionUID = 1L;

  /** The file that the operator has to change. */
  public enum Part {
    CERTIFICATE,
    KEY
  }

  private final Part part;

  TlsFileException(Part part, String message) {
    super(message);
    this.part = part;
  }

  /** The file that the operator has to change. */
  public Part part() {
    return part;
  }
}
