/**
 * The HTTP API for documents: routes below {@code /api/documents}, the token of each request, its
 * limits, and errors as {@code application/problem+json}.
 *
 * <p>Requests arrive on Helidon's virtual threads and wait there; the work is done by {@code
 * documents}. Never imports Automerge or storage.
 */
@NullMarked
package dev.parlor.relay.documents.http;

import org.jspecify.annotations.NullMarked;
