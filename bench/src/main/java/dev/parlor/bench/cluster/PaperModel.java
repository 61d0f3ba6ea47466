package dev.parlor.bench.cluster;

/**
 * The costs of a cluster on paper.
 *
 * @param rooms open documents, R
 * @param clientsPerRoom connections of each open document, k
 * @param nodes nodes, N
 * @param activeShare share of the open documents in which a client writes, from 0 to 1
 * @param changesPerSecond changes each second in an active document
 * @param idleDocuments documents that are stored and not open
 * @param constants the measured costs of one part
 */
record PaperModel(
    long rooms,
    double clientsPerRoom,
    int nodes,
    double activeShare,
    double changesPerSecond,
    long idleDocuments,
    Constants constants) {

  private static final double SUBJECTS_PER_DOCUMENT = 4;
  private static final double KIB = 1024;

  /**
   * Measured costs of one part.
   *
   * @param roomKib memory of a node for an open document
   * @param connectionKib memory of a node for a connection
   * @param appendBytes bytes of one change in a log, before replication
   * @param subjectBytes memory of a server for a subject
   * @param documentBytes bytes of a stored document, before replication
   */
  record Constants(
      double roomKib,
      double connectionKib,
      double appendBytes,
      double subjectBytes,
      double documentBytes) {

    /** The figures of docs/bench.md and of the design: documents with 1,000 changes. */
    static Constants usual() {
      return new Constants(387, 12.7, 350, 176, 100_000);
    }
  }

  /** Nodes that have an open document in memory if a proxy keeps most documents on one node. */
  static final double COPIES_WITH_AFFINITY = 1.05;

  /** The mean number of nodes that have an open document if clients choose their node by chance. */
  double copiesByChance() {
    return nodes * (1 - Math.pow(1 - 1.0 / nodes, clientsPerRoom));
  }

  /** Memory of all nodes together in bytes, for this mean number of copies of a document. */
  double memoryBytes(double copies) {
    return rooms
        * (copies * constants.roomKib() + clientsPerRoom * constants.connectionKib())
        * KIB;
  }

  /** Appends each second. */
  double appends() {
    return rooms * activeShare * changesPerSecond;
  }

  /** Bytes that a server writes each second. */
  double appendedBytes() {
    return appends() * constants.appendBytes();
  }

  /** Subscriptions of all nodes together: one for each copy of an open document. */
  double subscriptions(double copies) {
    return rooms * copies;
  }

  /** Memory of a server for the subjects of stored documents. */
  double subjectBytes() {
    return (idleDocuments + rooms) * SUBJECTS_PER_DOCUMENT * constants.subjectBytes();
  }

  /** Bytes on the disks of three servers together. */
  double storedBytes() {
    return 3 * (idleDocuments + rooms) * constants.documentBytes();
  }
}
