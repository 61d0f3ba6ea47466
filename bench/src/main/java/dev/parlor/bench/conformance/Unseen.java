package dev.parlor.bench.conformance;

/**
 * A rule that no check here can have, since nothing outside of the server shows whether it is kept.
 *
 * @param rule an id of {@code docs/protocol.md}
 * @param why it cannot be seen
 * @param instead what shows it of this project's server
 */
record Unseen(String rule, String why, String instead) {

  /** All there are, in order. */
  static java.util.List<Unseen> all() {
    return java.util.List.of(
        new Unseen(
            "AD7",
            "the rule covers changes that are not known yet; the known ones are refused under AD1",
            "`./parlor fuzz crafted`: native code in a child process applies every admitted change"),
        new Unseen(
            "AD8",
            "no known input of a peer ends native code",
            "tests that end a process in native code"),
        new Unseen(
            "DU4",
            "damaging a record requires knowledge of the store's files",
            "`DamageTest`, `CrashPointTest`: every byte of a file, every step of a commit"),
        new Unseen(
            "DU7",
            "a client cannot see whether a document has left memory",
            "`RowsIT` (more documents than heap), `./parlor bench`"));
  }
}
