package dev.parlor.apps.transform;

import dev.parlor.crdt.identity.Bytes;
import java.util.Optional;

/**
 * A file of the vendored packages.
 *
 * @param brotli the same bytes compressed by brotli, if the build made them
 */
public record VendoredFile(Bytes bytes, String mediaType, Optional<Bytes> brotli) {}
