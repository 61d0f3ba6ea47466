package dev.parlor.relay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.config.SocketTransport;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests that the server closes connections whose caller has lost access. */
@OnEachTransport
class DismissalIT {

  /** The last part of the path is the caller's identity; all callers are in one room. */
  private static Caller caller(UpgradeRequest request) {
    return new Caller(
        Optional.of(request.path().substring("/sync/k/".length())),
        Role.PLAYER,
        Optional.of(SyncPeer.document(1)));
  }

  private static boolean isBo(Caller caller) {
    return caller.identity().equals(Optional.of("bo"));
  }

  private final SocketTransport transport;

  DismissalIT(SocketTransport transport) {
    this.transport = transport;
  }

  @Test
  @DisplayName(
      "[AC9] a dismissed caller gets an error before the close; other connections stay open")
  void dismissedCallersGetAnErrorAndAClose() throws Exception {
    Authenticator byPath = request -> new Authenticator.Outcome.Accepted(caller(request));
    try (var relay = RelayFixture.start(new RelayFixture.Setup(transport).authenticator(byPath));
        var ada = RawClient.join(relay.url("/sync/k/ada"), "ada");
        var bo = RawClient.join(relay.url("/sync/k/bo"), "bo")) {
      relay.sockets().closeWhere(SyncPeer.document(2), DismissalIT::isBo, 4403, "AC9", "removed");
      relay.sockets().closeWhere(SyncPeer.document(1), DismissalIT::isBo, 4403, "AC9", "removed");
      var error = (WireMessage.ErrorMessage) bo.message();
      assertEquals("[AC9] removed", error.message());
      assertEquals(4403, bo.awaitClose().code());
      ada.frame(RawClient.PING, true, Bytes.EMPTY);
      assertEquals(new RawClient.Frame.Pong(Bytes.EMPTY), ada.read());
    }
  }

  @Test
  @DisplayName(
      "[AC9] a caller who is dismissed between authentication and the opening of the socket is closed too")
  void dismissalIsCheckedAgainAfterTheUpgrade() throws Exception {
    var byPath =
        new Authenticator() {
          @Override
          public Outcome authenticate(UpgradeRequest request) {
            return new Outcome.Accepted(caller(request));
          }

          @Override
          public Optional<Dismissal> dismissal(Caller caller) {
            return isBo(caller)
                ? Optional.of(new Dismissal(4403, "AC9", "removed"))
                : Optional.empty();
          }
        };
    try (var relay = RelayFixture.start(new RelayFixture.Setup(transport).authenticator(byPath));
        var bo = RawClient.connect(relay.url("/sync/k/bo"))) {
      assertEquals(4403, bo.awaitClose().code());
      RawClient.join(relay.url("/sync/k/ada"), "ada").close();
    }
  }
}
