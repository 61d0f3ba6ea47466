package dev.parlor.relay.socket;

import dev.parlor.relay.config.SocketTransport;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs a test class once with each transport, which is passed to its constructor. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedClass(name = "on {0}")
@EnumSource(
    value = SocketTransport.class,
    names = {"LOOP", "HELIDON"})
public @interface OnEachTransport {}
