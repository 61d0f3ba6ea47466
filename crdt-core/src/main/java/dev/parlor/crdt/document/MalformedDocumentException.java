package dev.parlor.crdt.document;

/**
 * The reason why a document chunk is refused. It never leaves the package: {@link DocumentCodec}
 * turns it into a Malformed result. It has no stack trace, since the input causes it.
 */
final class MalformedDocumentException extends Exception {

  private static final long serialVersionUID = 1L;

  private final String rule;

  private MalformedDocumentException(String rule, String reason) {
    super(reason, null, false, false);
    this.rule = rule;
  }

  /** The chunk does not have the structure of a document [AD1]. */
  static MalformedDocumentException structure(String reason) {
    return new MalformedDocumentException("AD1", reason);
  }

  /** The chunk is above a limit [AD3]. */
  static MalformedDocumentException limit(String reason) {
    return new MalformedDocumentException("AD3", reason);
  }

  String rule() {
    return rule;
  }

  String reason() {
    var message = getMessage();
    return message == null ? "" : message;
  }
}
