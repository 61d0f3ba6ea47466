package dev.parlor.crdt.document;

import dev.parlor.crdt.format.ByteReader;
import dev.parlor.crdt.identity.Bytes;

/**
 * Reads a column of booleans: a count of false, a count of true, and so on in turn. In a column
 * without bytes all items are false.
 */
final class FlagReader {

  private final ByteReader bytes;
  private final boolean isEmpty;
  private final String name;
  private boolean value = true;
  private long remainingInRun;

  FlagReader(Bytes source, String name) {
    this.bytes = new ByteReader(source);
    this.isEmpty = source.isEmpty();
    this.name = name;
  }

  boolean next() throws MalformedDocumentException {
    if (isEmpty) {
      return false;
    }
    while (remainingInRun == 0) {
      remainingInRun = bytes.uleb("the column " + name);
      value = !value;
      if (bytes.failed()) {
        throw MalformedDocumentException.structure(bytes.failure());
      }
    }
    remainingInRun--;
    return value;
  }
}
