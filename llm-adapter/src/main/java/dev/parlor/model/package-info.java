/**
 * The port to a language model, {@link dev.parlor.model.ModelClient}, and its implementations. A
 * call streams {@link dev.parlor.model.ModelEvent}s to its listener on the provider's thread; the
 * listener must pass them on without blocking.
 *
 * <p>This package does not depend on rooms, documents or the relay, and imports no other Parlor
 * module.
 */
@NullMarked
package dev.parlor.model;

import org.jspecify.annotations.NullMarked;
