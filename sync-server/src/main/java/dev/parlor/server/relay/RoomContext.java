package dev.parlor.server.relay;

import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.server.admission.Admission;
import dev.parlor.server.config.Limits;
import dev.parlor.server.health.Metrics;
import java.util.function.LongSupplier;

/**
 * What all rooms share.
 *
 * @param server this server's peer id, the sender of what rooms say
 * @param session this process's run, the beginning of the session ids of the server's own ephemeral
 *     messages
 * @param nanoTime a monotonic clock
 */
record RoomContext(
    Limits limits,
    Metrics metrics,
    Admission admission,
    PeerId server,
    SessionId session,
    LongSupplier nanoTime) {}
