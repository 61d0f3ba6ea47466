/** Tests of the configuration of model endpoints. */
@org.jspecify.annotations.NullMarked
package dev.parlor.model.config;
