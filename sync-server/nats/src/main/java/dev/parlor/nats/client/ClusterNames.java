package dev.parlor.nats.client;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The names of the streams and subjects of one cluster. Several clusters of nodes can use the same
 * servers under different names.
 *
 * @param subjects the first word of every subject
 * @param streams the first word of every stream
 */
public record ClusterNames(String subjects, String streams) {

  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_-]{1,32}");

  /** The usual names. */
  public static final ClusterNames DEFAULT = new ClusterNames("pl", "PARLOR");

  /** The names of one of several installations on the same servers. */
  public static ClusterNames ofPrefix(String prefix) {
    return prefix.equals(DEFAULT.subjects()) ? DEFAULT : new ClusterNames(prefix, prefix);
  }

  public ClusterNames {
    if (!WORD.matcher(subjects).matches() || !WORD.matcher(streams).matches()) {
      throw new IllegalArgumentException(
          "a name in the cluster has 1 to 32 letters, digits, '_' or '-': "
              + subjects
              + ", "
              + streams);
    }
  }

  /** The subject of the messages between nodes about one document. */
  public String bus(DocumentId document) {
    return subjects + ".n." + document.value();
  }

  /** The subject of the messages between nodes about one topic. */
  public String messages(String topic) {
    return subjects + ".c." + topic;
  }

  /** The stream with the entries of one shard. */
  public String log(int shard) {
    return streams + "_LOG_" + shard;
  }

  /** All subjects of one shard's entries. */
  public String logSubjects(int shard) {
    return subjects + ".d." + shard + ".>";
  }

  /** The subject of a document's entries. */
  public String log(DocumentId document, int shards) {
    return subjects + ".d." + shardOf(document, shards) + "." + document.value();
  }

  /** The document of a subject that names it in the last word; empty if it names none. */
  public static Optional<DocumentId> document(String subject) {
    return DocumentId.parse(subject.substring(subject.lastIndexOf('.') + 1))
            instanceof Decoding.Decoded<DocumentId>(var document)
        ? Optional.of(document)
        : Optional.empty();
  }

  /** The stream of the pointers of one shard's documents. */
  public String pointers(int shard) {
    return streams + "_HEADS_" + shard;
  }

  /** All subjects of one shard's pointers. */
  public String pointerSubjects(int shard) {
    return subjects + ".h." + shard + ".>";
  }

  /** The subject of a document's pointer. */
  public String pointer(DocumentId document, int shards) {
    return subjects + ".h." + shardOf(document, shards) + "." + document.value();
  }

  /** The stream of the objects of one shard's documents, in parts. */
  public String objects(int shard) {
    return streams + "_OBJECTS_" + shard;
  }

  /** All subjects of one shard's objects. */
  public String objectSubjects(int shard) {
    return subjects + ".o." + shard + ".>";
  }

  /** The subject of the parts of an object. */
  public String object(DocumentId document, int shards, String name) {
    return subjects + ".o." + shardOf(document, shards) + "." + document.value() + "." + name;
  }

  /** The stream of the tables' records. */
  public String records() {
    return streams + "_RECORDS";
  }

  /** All subjects of the tables' records. */
  public String recordSubjects() {
    return subjects + ".t.>";
  }

  /** The subject of a record of a table. */
  public String record(String table, String key) {
    return subjects + ".t." + word(table) + "." + word(key);
  }

  /** The stream of the records that change together. */
  public String batches() {
    return streams + "_BATCHES";
  }

  /** All subjects of the stream of records that change together. */
  public String batchSubjects() {
    return subjects + ".r.>";
  }

  /** The subject of a record that changes together with others: a hash, since keys may be long. */
  public String batchRecord(String name) {
    return subjects + ".r.k." + Sha256.hex(Bytes.utf8(name));
  }

  /** The subject of the last message of a batch. */
  public String batchEnd(String slot) {
    return subjects + ".r.e." + slot;
  }

  /** The subject of messages that only carry an expectation about another subject. */
  public String batchGuard(String slot) {
    return subjects + ".r.g." + slot;
  }

  /** The stream of the values that are too large for a message of a batch. */
  public String values() {
    return streams + "_VALUES";
  }

  /** All subjects of large values. */
  public String valueSubjects() {
    return subjects + ".v.>";
  }

  /** The subject of the parts of a large value. */
  public String value(String object) {
    return subjects + ".v." + object;
  }

  /** The stream of brief records, in the memory of the servers. */
  public String brief() {
    return streams + "_BRIEF";
  }

  /** All subjects of brief records. */
  public String briefSubjects() {
    return subjects + ".k.>";
  }

  /** The subject of a brief record: a hash, since a key may be a secret. */
  public String brief(String key) {
    return subjects + ".k." + Sha256.hex(Bytes.utf8(key));
  }

  /** The stream with the last heartbeat of each node. */
  public String beats() {
    return streams + "_NODES";
  }

  /** All subjects of heartbeats. */
  public String beatSubjects() {
    return subjects + ".live.*";
  }

  /** The subject of one node's heartbeats. */
  public String beat(String node) {
    return subjects + ".live." + node;
  }

  /** The stream of entries that could not be read. */
  public String unreadable() {
    return streams + "_BAD";
  }

  /** The subject of a document's entries that could not be read. */
  public String unreadable(DocumentId document) {
    return subjects + ".bad." + document.value();
  }

  String unreadableSubjects() {
    return subjects + ".bad.>";
  }

  /** Text as one word of a subject. The empty text has a word too. */
  static String word(String text) {
    return "k"
        + Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The text of a word. */
  public static String text(String word) {
    return Bytes.wrap(Base64.getUrlDecoder().decode(word.substring(1))).toUtf8();
  }

  /**
   * The shard of a document, as in a data directory with shards: the first four bytes of the
   * SHA-256 of its id's text, as an unsigned big-endian number, modulo the number of shards.
   */
  public static int shardOf(DocumentId document, int shards) {
    var hash = Sha256.of(document.value().getBytes(StandardCharsets.US_ASCII));
    return Integer.remainderUnsigned(ByteBuffer.wrap(hash).getInt(), shards);
  }
}
