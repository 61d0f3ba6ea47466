/**
 * JMH benchmarks of the hot paths: codecs, change graph, Bloom filter, and the path of one change
 * through the sync state of many peers. Run them with {@code ./parlor bench jmh}. Nothing here
 * opens a socket or a file.
 */
package dev.parlor.bench.jmh;
