package dev.parlor.relay.storage;

import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The place of one value in a data directory, independent of the format of its files. Places have
 * one order, in which {@link StoreView} lists them.
 *
 * @param store 0 for the files of the data directory itself, n + 1 for shard n, and {@link
 *     #NO_STORE} for a file
 * @param name the table, NUL and the key; or the document's id; or the name of the file
 * @param number of a document: 0 for its snapshot, n + 1 for record n of its log; else 0
 */
public record Place(int store, Kind kind, String name, long number) implements Comparable<Place> {

  /** The store of a file beside the stores; greater than every other number of a store. */
  public static final int NO_STORE = 0xffff;

  private static final Comparator<Place> ORDER =
      Comparator.comparingInt(Place::store)
          .thenComparing(Place::kind)
          .thenComparing(Place::name)
          .thenComparingLong(Place::number);

  /** The kinds of values, in their order. */
  public enum Kind {
    /** A record of a table. */
    RECORD(0),
    /** A part of a document: its snapshot or one record of its log. */
    DOCUMENT(1),
    /** A file beside the stores: an archived room. */
    FILE(2);

    private final byte code;

    Kind(int code) {
      this.code = (byte) code;
    }

    /** The number of this kind in the format of backups. */
    public byte code() {
      return code;
    }

    /** The kind with this number; empty if there is none. */
    public static Optional<Kind> of(byte code) {
      return Stream.of(values()).filter(kind -> kind.code == code).findFirst();
    }
  }

  static Place ofRecord(int store, String name) {
    return new Place(store, Kind.RECORD, name, 0);
  }

  static Place ofSnapshot(int store, String document) {
    return new Place(store, Kind.DOCUMENT, document, 0);
  }

  static Place ofLog(int store, String document, long sequence) {
    return new Place(store, Kind.DOCUMENT, document, sequence + 1);
  }

  /** A file beside the stores. */
  public static Place ofFile(String name) {
    return new Place(NO_STORE, Kind.FILE, name, 0);
  }

  /** The name of this place for the operator, for example {@code record a of table identities}. */
  public String description() {
    return switch (kind) {
      case RECORD -> {
        var end = name.indexOf('\0');
        yield "record "
            + printable(name.substring(end + 1))
            + " of table "
            + printable(name.substring(0, Math.max(0, end)));
      }
      case DOCUMENT ->
          "document "
              + name
              + ", "
              + (number == 0 ? "its snapshot" : "record " + (number - 1) + " of its log");
      case FILE -> "file " + name;
    };
  }

  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "·");
  }

  @Override
  public int compareTo(Place other) {
    return ORDER.compare(this, other);
  }
}
