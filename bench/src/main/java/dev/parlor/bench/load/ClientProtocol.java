package dev.parlor.bench.load;

import java.util.Random;

/** The protocol of a relay, with prepared edits; makes the clients that speak it. */
interface ClientProtocol {

  /** A writer of a new document with a random id. */
  DocumentWriter writer(Loop loop, int port, Random random);

  /** A reader of the writer's document. The name must be unique among the clients of the server. */
  DocumentReader reader(
      Loop loop, int port, String name, DocumentWriter writer, Latencies deliveries);
}
