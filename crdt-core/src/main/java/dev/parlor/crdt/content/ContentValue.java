package dev.parlor.crdt.content;

import dev.parlor.crdt.identity.Bytes;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** A value of a document, of one of the types that Automerge has. */
public sealed interface ContentValue {

  /** A value that consists of other values, and has an identity of its own. */
  sealed interface Container extends ContentValue {
    /** The operation that made the object; null for the root. */
    @Nullable OperationId id();
  }

  /**
   * A map.
   *
   * @param entries by key, in the order of the keys
   */
  record MapOf(@Nullable OperationId id, SequencedMap<String, Slot> entries) implements Container {}

  /** A list. */
  record ListOf(@Nullable OperationId id, List<Element> elements) implements Container {}

  /**
   * An element of a list.
   *
   * @param id the operation that inserted it
   */
  record Element(OperationId id, Slot slot) {}

  /** A text. Its elements are mostly single code points, see {@link TextElements}. */
  record TextOf(@Nullable OperationId id, TextElements elements) implements Container {
    /** The whole text. An element that is no string counts as U+FFFC. */
    public String text() {
      return elements.text();
    }
  }

  record Null() implements ContentValue {}

  record Bool(boolean flag) implements ContentValue {}

  record Int(long number) implements ContentValue {}

  /** An integer of 64 bits without a sign. */
  record Uint(long bits) implements ContentValue {}

  record Float64(double number) implements ContentValue {}

  /** A string that is replaced as a whole, which JavaScript shows as {@code ImmutableString}. */
  record Str(String text) implements ContentValue {}

  record Blob(Bytes bytes) implements ContentValue {}

  /** The sum of a counter and of its visible increments. */
  record Counter(long sum) implements ContentValue {}

  record Timestamp(long millis) implements ContentValue {}

  /** A value of a type that this version does not know. */
  record Unknown(int type, Bytes bytes) implements ContentValue {}
}
