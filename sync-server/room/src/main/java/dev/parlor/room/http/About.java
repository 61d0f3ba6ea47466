package dev.parlor.room.http;

import java.util.List;

/**
 * Facts about the server for its page.
 *
 * @param storageId the storage id under which {@code remote-heads} report saved heads [DU2]
 * @param peerId the server's peer id in the sync protocol
 * @param modelName the name of the default model, for people
 * @param furtherModels other models that a room may choose
 * @param rehearsal whether the built-in model gives the answers
 */
public record About(
    String version,
    String storageId,
    String peerId,
    String modelName,
    List<String> furtherModels,
    boolean rehearsal) {}
