package dev.parlor.bench.load;

import java.util.Random;

/** A protocol with its prepared edits; creates the clients for it. */
interface Conversation {

  /** The editor of a new document, which {@code random} names. */
  Editor editor(Loop loop, int port, Random random);

  /** A watcher of that editor's document; {@code name} is unique among the server's clients. */
  Watcher watcher(Loop loop, int port, String name, Editor editor, Latencies deliveries);
}
