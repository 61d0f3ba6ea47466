package dev.parlor.relay.config;

import dev.parlor.relay.address.AddressBlock;
import dev.parlor.relay.address.ClientAddresses;
import dev.parlor.relay.address.ForwardedHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** Parses the settings about trusted proxies. Used once by one thread. */
final class ProxySettings {

  private final SettingsReader reader;
  private final BiConsumer<Setting, String> problem;
  private final List<String> notes;

  private ProxySettings(
      SettingsReader reader, BiConsumer<Setting, String> problem, List<String> notes) {
    this.reader = reader;
    this.problem = problem;
    this.notes = notes;
  }

  /**
   * @param problem receives a setting and the end of a sentence about it
   * @param notes receives warnings
   */
  static ClientAddresses read(
      SettingsReader reader, BiConsumer<Setting, String> problem, List<String> notes) {
    return new ProxySettings(reader, problem, notes).clients();
  }

  private ClientAddresses clients() {
    var trusted = trustedProxies();
    var header = ForwardedHeader.ofName(reader.text(RelaySetting.FORWARDED_HEADER));
    if (header.isEmpty()) {
      problem.accept(RelaySetting.FORWARDED_HEADER, "must be x-forwarded-for or forwarded");
    }
    if (trusted.isEmpty() && reader.isSet(RelaySetting.FORWARDED_HEADER)) {
      notes.add(
          RelaySetting.FORWARDED_HEADER.both()
              + " has no effect without "
              + RelaySetting.TRUSTED_PROXIES.both());
    }
    var used = header.orElse(ForwardedHeader.X_FORWARDED_FOR);
    return new ClientAddresses(trusted, used, proxyProtocol(trusted, used));
  }

  private boolean proxyProtocol(List<AddressBlock> trusted, ForwardedHeader header) {
    var text = reader.text(RelaySetting.PROXY_PROTOCOL);
    if (text.equals("off")) {
      return false;
    }
    if (!text.equals("on")) {
      problem.accept(RelaySetting.PROXY_PROTOCOL, "must be on or off");
      return false;
    }
    if (header != ForwardedHeader.X_FORWARDED_FOR) {
      problem.accept(
          RelaySetting.PROXY_PROTOCOL,
          "needs the value x-forwarded-for of " + RelaySetting.FORWARDED_HEADER.both());
      return false;
    }
    if (trusted.isEmpty()) {
      notes.add(
          RelaySetting.PROXY_PROTOCOL.both()
              + " counts no client's address without "
              + RelaySetting.TRUSTED_PROXIES.both());
    }
    return true;
  }

  private List<AddressBlock> trustedProxies() {
    var blocks = new ArrayList<AddressBlock>();
    for (var part : reader.text(RelaySetting.TRUSTED_PROXIES).split(",", -1)) {
      var text = part.strip();
      if (text.isEmpty()) {
        continue;
      }
      var block = AddressBlock.parse(text);
      if (block.isEmpty()) {
        problem.accept(
            RelaySetting.TRUSTED_PROXIES,
            "must list addresses, or blocks like 10.0.0.0/8 and fd00::/8, separated by commas; \""
                + text
                + "\" is neither");
        return List.of();
      }
      blocks.add(block.get());
      note(text, block.get());
    }
    if (blocks.size() > FixedLimits.TRUSTED_PROXIES_MAX) {
      problem.accept(
          RelaySetting.TRUSTED_PROXIES,
          "must list at most " + FixedLimits.TRUSTED_PROXIES_MAX + " blocks; join some of them");
    }
    return blocks;
  }

  /** Adds a warning if a block is unusual and may be a mistake. */
  private void note(String text, AddressBlock block) {
    var name = RelaySetting.TRUSTED_PROXIES.both();
    if (block.bits() == 0) {
      notes.add(name + ": " + text + " trusts every address, so clients can claim any address");
    } else if (AddressBlock.parse(text.replaceFirst("/.*", ""))
        .filter(address -> !address.network().equals(block.network()))
        .isPresent()) {
      notes.add(name + ": " + text + " is read as " + block);
    }
  }
}
