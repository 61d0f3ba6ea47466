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
            "`ManyRoomsIT` (more documents than heap), `./parlor bench`"),
        new Unseen(
            "LV2", "the rule is about the page", "`liveness.test.ts`, `dead-connection.spec.ts`"),
        new Unseen(
            "LV3", "the rule is about the page", "`liveness.test.ts`, `dead-connection.spec.ts`"),
        new Unseen(
            "LV4", "the rule is about the page", "`liveness.test.ts`, `dead-connection.spec.ts`"));
  }
}
