package dev.parlor.bench.load;

import java.util.Random;

/** The protocol of a relay, with prepared edits; makes the clients that speak it. */
interface ClientProtocol {

  /** The editor of a new document, which {@code random} names. */
  Editor editor(Loop loop, int port, Random random);

  /** A watcher of that editor's document; {@code name} is unique among the server's clients. */
  Watcher watcher(Loop loop, int port, String name, Editor editor, Latencies deliveries);
}
