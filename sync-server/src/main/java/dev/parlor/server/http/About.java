package dev.parlor.server.http;

import java.util.List;

/**
 * What the page is told of the server it came from.
 *
 * @param storageId the name under which {@code remote-heads} say what is saved [DU2]
 * @param peerId the server's own name in the sync protocol
 * @param modelName as people see it
 * @param furtherModels that a room may choose instead
 * @param rehearsal whether answers come from the built-in model
 */
public record About(
    String version,
    String storageId,
    String peerId,
    String modelName,
    List<String> furtherModels,
    boolean rehearsal) {}
