package dev.parlor.bench.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The model of a cluster's costs gives the figures of the design. */
class PaperModelTest {

  private static final double GIB = 1L << 30;

  private final PaperModel model =
      new PaperModel(100_000, 3, 6, 0.02, 3, 1_000_000, PaperModel.Constants.usual());

  @Test
  @DisplayName(
      "100,000 open documents with 3 clients on 6 nodes need 42 GiB with affinity and 97 GiB without")
  void memory() {
    assertEquals(42, model.memoryBytes(PaperModel.COPIES_WITH_AFFINITY) / GIB, 0.5);
    assertEquals(97, model.memoryBytes(model.copiesByChance()) / GIB, 1.5);
  }

  @Test
  @DisplayName(
      "2 % of 100,000 documents with 3 changes a second are 6,000 appends and 2.1 MB a second")
  void appends() {
    assertEquals(6_000, model.appends(), 0.1);
    assertEquals(2_100_000, model.appendedBytes(), 1);
  }

  @Test
  @DisplayName(
      "clients that choose one of 6 nodes by chance open a document with 3 clients on 2.53 nodes")
  void copies() {
    assertEquals(2.53, model.copiesByChance(), 0.01);
    assertEquals(105_000, model.subscriptions(PaperModel.COPIES_WITH_AFFINITY), 0.1);
  }

  @Test
  @DisplayName(
      "1,100,000 documents need 0.72 GiB for subjects on each server and 0.33 TB on three disks")
  void storage() {
    assertEquals(0.72, model.subjectBytes() / GIB, 0.01);
    assertEquals(0.33e12, model.storedBytes(), 1e9);
  }
}
