package dev.parlor.bench.conformance;

/**
 * A rule without a check, since it cannot be observed from outside the server.
 *
 * @param rule an id of {@code docs/protocol.md}
 * @param why it cannot be observed
 * @param instead the test that shows it for Parlor
 */
record Unseen(String rule, String why, String instead) {

  /** All such rules, in order. */
  static java.util.List<Unseen> all() {
    return java.util.List.of(
        new Unseen(
            "AD7",
            "that no admitted change ends native code is a promise about changes that nobody has"
                + " thought of; those that are known to are refused under AD1",
            "`./parlor fuzz crafted`, which gives every admitted change to native code in a child"
                + " process"),
        new Unseen(
            "AD8",
            "nothing that a peer may send ends native code, as far as is known",
            "tests that end a process in native code"),
        new Unseen(
            "DU4",
            "to damage a record one has to know the files of the store",
            "`DamageTest`, `CrashPointTest`: every byte of a file, every step of a commit"),
        new Unseen(
            "DU7",
            "a document that left memory comes back as it was, and memory is not on the wire",
            "`RowsIT` (more documents than heap), `./parlor bench`"));
  }
}
