package dev.parlor.nats.records;

/** The name of a record in all tables: its table, a zero character and its key. */
public final class RecordName {

  private RecordName() {}

  /** Joins a table and a key. The names of the records of one table are neighbours. */
  public static String of(String table, String key) {
    return table + '\0' + key;
  }
}
